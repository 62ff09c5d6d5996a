"""First names of men and women, as English newspapers have them."""

from __future__ import annotations

from quotestance.models.language.word_tables import word_set

# first names that tell no gender, whatever the tables below say
EITHER = word_set("""
    leslie lindsay dana jordan jamie casey jody marion morgan loren shannon pat robin kerry angel alexis clark
    davis harris spencer ray avery drew quinn riley taylor sam alex chris lindsey kim ali jean
""")
MALE = (
    word_set("""
    donald barack bill john mike michael david james robert paul ted marco ben bernie jeb chris george mitt tim
    joe rand jim tom thomas richard william charles joseph daniel mark steven steve stephen andrew ken kenneth
    kevin brian gary larry jeff jeffrey scott eric ryan jacob jonathan justin frank gregory greg raymond samuel
    patrick alexander jack dennis jerry tyler aaron jose adam nathan henry peter kyle walter ethan jeremy harold
    keith christian roger noah gerald carl terry sean austin arthur lawrence jesse dylan bryan bruce albert
    harry lindsey rudy rudolph newt reince paul ali ahmad mohammad muhammad hassan hossein javad vladimir xi
    angelo boris benjamin lester anderson sebastian rush glenn alex matt matthew anthony tony barry norman alan
    dan dick doug douglas ed edward evan fred graham joel karl len luis martin max nate neil oscar philip phil
    ralph randy ron ronald roy russell sam stuart todd vincent wayne rick bob bobby mitch harry robby corey
    aidan alberto alejandro alfonso alfred alonzo alvin amos andre andres andreas andy antonio archie armando arnold
    arturo barney bart benedict benny bernard bert blake boyd brad bradley brandon brendan brent brett bruno bryant
    byron caleb calvin cameron carlos carlton cecil cesar chad charlie chester chuck clarence claude clay clayton
    clifford clint clyde cody colin conor cornelius cory craig curtis cyrus damon danny darrell darren daryl dave
    denis derek derrick devin diego dmitry don donnie donovan drew duane dustin dwayne dwight eddie edgar eduardo
    edwin eli elias elijah elliot elliott elmer emanuel emilio emmanuel enrique ernest ernesto ernie erik ernst
    esteban eugene felipe felix fernando finn florent floyd francis francisco franco franklin franz freddie
    frederick gabriel gabe garrett gavin gene geoff geoffrey giorgio glen gordon gustavo hank hans harlan harvey
    hector herb herbert herman homer horace howard hubert hugh hugo ian ibrahim ignacio igor ira irving isaac ismail
    ivan jaime jake jamal jared jason javier jay jean-claude jeffery jerome jess jimmie jimmy joaquin joey johnny
    johnnie jon jonah jonas jonathon jorge josh joshua juan judd julian julio julius karim kelvin kenny kent khizr
    kirk klaus kurt lamar lance lars leo leon leonard leroy lewis lloyd logan lonnie lorenzo lou louie louis lowell
    luca lucas luke luther lyle lyndon mahmoud malcolm manny manuel marc marcel marcus mario marlon marty marvin mat
    mathew mauricio maurice maury melvin micah mickey miguel mikhail miles milton mitchell mo mohamed mohammed
    morris moses murray myron ned nelson nicholas nick nicolas nigel nolan norm ollie omar orlando orrin otto owen
    pablo pedro percy perry pete phillip pierre preston quentin quincy rafael raj ramon ramzi randall randolph raul
    reggie reginald rene rex ricardo ricky rob robbie roberto rod roderick rodney rodrigo rohan roland rolando roman
    ronnie ross ruben rufus russ salvador salvatore sammy sanjay santiago saul seth shane shaun shawn sherrod sid
    sidney simon stan stanley stefan stephan stu sylvester tariq teddy terrence theo theodore tobias toby tommy
    travis trent trevor tristan troy ty van vance vern vernon vic victor vince vito wade walt warren wendell wesley
    wilbur wiley willard willie winston xavier yusuf zach zachary zachery zack zeke
""")
    - EITHER
)
FEMALE = (
    word_set("""
    hillary mary patricia jennifer linda elizabeth barbara susan jessica sarah karen lisa nancy betty margaret
    sandra ashley kimberly emily donna michelle carol amanda melissa deborah stephanie rebecca laura sharon
    cynthia kathleen amy angela shirley anna brenda pamela emma nicole helen samantha katherine christine debra
    rachel carolyn janet catherine maria heather diane ruth julie olivia joyce virginia victoria kelly lauren
    christina joan evelyn judith megan andrea cheryl hannah jacqueline martha gloria teresa ann anne sara
    madison frances kathryn janice jean alice melania ivanka kellyanne carly loretta huma tiffany chelsea
    condoleezza ruth sonia elena theresa marine aung dianne claire kirsten tulsi alicia monica gennifer paula
    juanita megyn kate katie jill jane julia katrina madeleine meg molly wendy sally rosie robin regina
    abby abigail adele adriana agnes aimee alana alexandra alexis alison allison alma alyssa amelia anastasia
    angelina anita annabel annette annie antoinette arlene ashlee audrey barbra beatrice becky bella bernadette
    bernice bertha beth bethany betsy beverly billie bonnie brandi brianna bridget brittany caitlin camille candace
    candice carla carmen carole caroline carrie cassandra cassie cathy cecilia celeste charlene cheri chloe christie
    christy cindy clara claudia colleen connie constance corinne courtney cristina daniela danielle daphne darla
    darlene deanna debbie deb deirdre delia denise dina dolores dominique dora doris dorothy edith edna eileen
    elaine eleanor elisa elise elisabeth ella ellen ellie eloise elsa erica erika erin esmeralda estelle esther
    ethel eugenia eva evangeline fatima felicia fiona francesca gabby gabriela gabrielle gail geraldine gertrude
    gillian gina ginny glenda greta gretchen gwen gwendolyn hala haley hallie harriet hattie hazel heidi henrietta
    hilda holly ilana ilene imani ingrid irene irma isabel isabella jackie jacquelyn jaclyn jan jana janelle janine
    jasmine jeanette jeanne jeannie jen jenna jennie jenny jessie joann joanna joanne jocelyn jodi josephine
    josie juana judy juliana juliet kara karin karina karla kathie kathy katharine katy kay kayla keisha kelli
    kellie kendra kim krista kristen kristi kristin kristina kristine kristy lana latoya laurel laurie lauri leah
    leigh lena leticia lillian lily liz liza lois lola lora lori lorraine louise lucia lucille lucy luisa lydia
    lynda lynn lynne mabel mackenzie maggie mallory mandy marcia margarita margie margot marguerite mariah marian
    marianne marie marilyn marissa marjorie marlene marsha marta maryann mattie maureen maxine maya meghan melinda
    mercedes meredith mia michele mildred millie mimi mindy miranda miriam muriel myra nadia nadine naomi natalia
    natalie natasha nellie nell nichole nina noel noelle nora norma olga paige pam patsy patti patty paulette
    pauline peggy penelope phyllis polly priscilla rachael ramona raquel rebekah renee rhoda rhonda rita roberta
    rochelle rosa rosalie rosalind rosanne rosemary roxanne sabrina sadie selena serena shari sheila shelby shelley
    shelly sheri sherri sherry sheryl silvia simone sofia sonya sophia sophie stacey staci stacy stella sue susana
    susanna susanne suzanne suzy sylvia tabitha tamara tami tammy tania tanya tara tasha tatiana terri tess thelma
    tina toni tonya tracey traci tracy tricia trina trish trudy ursula valerie vanessa vera verna vicki vickie vicky
    viola vivian wanda whitney wilma winifred yolanda yvette yvonne zoe
""")
    - EITHER
)
FIRST = MALE | FEMALE | EITHER


def gender_of(first: str) -> str:
    """ "male" or "female" where the first name, in lower case without accents, tells it; else ""."""
    return "male" if first in MALE else "female" if first in FEMALE else ""
