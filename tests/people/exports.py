"""Class lists as course systems export them; all names are made up."""

CANVAS = """\
Student,ID,SIS User ID,SIS Login ID,Section,Worksheet 1 (301),Final Score
    Points Possible,,,,,10,(read only)
"Oakley, Ines",4101,S-77/1,ioakley,NLP-1,9,90
"Brandt, Jörg",4102,S-77/2,JBrandt,NLP-1,7,70
"Student, Test",4999,,4f3a,NLP-1,,
"""
CANVAS_OF_A_TUTOR = """\
,,,,
Student,ID,Section,Worksheet 1 (301)
    Points Possible,,,10
"Oakley, Ines",4101,NLP-1,9
"Brandt, Jörg",4102,NLP-1,7
"""
"""Without SIS columns, and with a blank line above."""
MOODLE = """\
First name,Surname,ID number,Institution,Department,Email address
Ines,Oakley,20260017,,Linguistics,ines.oakley@uni.example
Jörg,Brandt,20260018,,Linguistics,joerg.brandt@uni.example
"""
MOODLE_UPLOAD = """\
username;firstname;lastname;email;cohort1;course1;group1
ioakley;Ines;Oakley;ines.oakley@uni.example;2026;NLP;A
jbrandt;Jörg;Brandt;joerg.brandt@uni.example;2026;NLP;B
"""
NBGRADER = """\
id,first_name,last_name,email,lms_user_id
ioakley,Ines,Oakley,ines.oakley@uni.example,4101
jbrandt,Jörg,Brandt,,4102
"""
GITHUB_CLASSROOM = """\
identifier,github_username,github_id,name
ines.oakley@uni.example,ines-codes,901,Ines Oakley
jbrandt,,,Jörg Brandt
"""
EXCEL = "sep=;\r\nName;E-Mail\r\nInes Oakley;ines.oakley@uni.example\r\nJörg Brandt;\r\n"
TABS = "Name\tMatrikelnummer\nInes Oakley\t77001\nJörg Brandt\t77002\n"
NAMES_ONLY = "Name\nInes Oakley\nJörg Brandt\n"

FORMS = {
    "canvas": (CANVAS, {"ioakley": 3, "jbrandt": 4}, "canvas"),
    "canvas of a tutor": (CANVAS_OF_A_TUTOR, {"4101": 4, "4102": 5}, "canvas"),
    "moodle": (MOODLE, {"20260017": 2, "20260018": 3}, "moodle"),
    "moodle upload": (MOODLE_UPLOAD, {"ioakley": 2, "jbrandt": 3}, "moodle"),
    "nbgrader": (NBGRADER, {"ioakley": 2, "jbrandt": 3}, "nbgrader"),
    "github classroom": (GITHUB_CLASSROOM, {"ines-oakley": 2, "jbrandt": 3}, "github-classroom"),
    "excel": (EXCEL, {"ines-oakley": 3, "jorg-brandt": 4}, "table"),
    "tabs": (TABS, {"77001": 2, "77002": 3}, "table"),
    "names only": (NAMES_ONLY, {"ines-oakley": 2, "jorg-brandt": 3}, "table"),
}
"""What it is, the ids with their lines, and the name of the form."""
