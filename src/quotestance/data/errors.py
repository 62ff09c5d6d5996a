"""What goes wrong with material, as errors that name the place, the value and the remedy."""


class QuotestanceError(ValueError):
    """Every error that the library declares. The command line prints its message and exits with 2."""


class FormatError(QuotestanceError):
    """A file or record that does not follow the annotation format."""


class LabelError(QuotestanceError):
    """A label that the declared label set does not have."""


class CorpusError(QuotestanceError):
    """A corpus that is absent, incomplete or not the one the labels were made on."""


class MissingExtra(QuotestanceError):  # noqa: N818 - it says what to install
    """A need that is an extra and is not installed."""
