"""What a sentence does, whatever it is about: agree, refuse, end, repeat, ask for help."""

import re
from enum import Enum, auto

from emulators.realtime.minds.understanding.words import FILLERS, plain


class Act(Enum):
    """A move in a conversation that any conversation knows."""

    YES = auto()
    NO = auto()
    DONE = auto()
    """Wants nothing more."""
    GOODBYE = auto()
    REPEAT = auto()
    HELP = auto()
    """Asks what can be done here."""
    RECALL = auto()
    """Asks what was said earlier."""
    FORGET = auto()
    """Takes back what was being done."""
    WAIT = auto()
    GREETING = auto()
    THANKS = auto()
    SILENCE = auto()
    """Nothing was heard."""


_PATTERNS = (
    (
        Act.RECALL,
        r"\bdid i (just )?(say|ask|tell|mention|want|give)|\bi (just )?(said|told you) (what|which)"
        r"|\bdo you (still )?(remember|know) (what|which|my|where|when|who|how)"
        r"|\bwhat('s| is| was) my\b|\bwho am i\b",
    ),
    (
        Act.REPEAT,
        r"\brepeat\b|\bsay (that|it) again\b|\bcome again\b|\bone more time\b|\bonce more\b"
        r"|\bwhat did you say\b|\bwhat was that\b|^(i beg your )?pardon( me)?$|^(excuse me|what)$"
        r"|\bdid(n't| not) (catch|hear|get) (that|you|it)\b",
    ),
    (
        Act.HELP,
        r"\bwhat (else )?(can|could|do) (you|i|we) (do|say|ask|help)\b|^help( me)?$"
        r"|\bhow can you help\b|\bwhat are my (options|choices)\b|\bhow does this work\b",
    ),
    (
        Act.DONE,
        r"\bno,? thank(s| you)\b"
        r"|\bthat('s| is| was| will be|'ll be| would be) (all|it|everything)\b"
        r"|\b(nothing|not anything) (else|more)\b|\bi('m| am) (done|good|all set)\b"
        r"|\bdo(n't| not) need anything\b|\ball set\b",
    ),
    (
        Act.FORGET,
        r"\bnever ?mind\b|\bforget (it|that|about)\b|\bstart (over|again)\b|\bleave it\b"
        r"|\bchanged my mind$|\bdo(n't| not) want (it|that|to)\b",
    ),
    (
        Act.WAIT,
        r"\b(hold on|hang on|wait|just|give me) ?(a|one)? ?(moment|second|minute|sec)\b"
        r"|^(wait|hold on|hang on)$",
    ),
)
_GOODBYE = re.compile(
    r"\b(good ?bye|bye|bye bye|farewell|see you|hang up|end the call)\b"
    r"|\bhave a (nice|good|great|lovely) (day|evening|night|one|weekend)\b"
)
_YES = re.compile(
    r"^(yes|yeah|yep|yup|sure|correct|right|exactly|absolutely|definitely|certainly|of course"
    r"|please do|go ahead|do it|do that|sounds (good|great|fine|right)|perfect|fine|great"
    r"|that('s| is) (right|correct|fine|good|perfect)|ok|okay|alright|all right|i do|why not)\b"
)
_NO = re.compile(
    r"^(no|nope|nah|not|wrong|incorrect|stop|never|neither|none|actually no"
    r"|that('s| is) (wrong|not)|(please )?do(n't| not)|i do(n't| not)|keep it)\b"
)
_GREETING = re.compile(
    r"^(hello|hi|hey|good (morning|afternoon|evening|day))( there| again)?"
    r"( how are you( doing)?( today)?)?$|^how are you( doing)?( today)?$"
)
_THANKS = re.compile(
    r"^(great |perfect |wonderful )?(thank you|thanks|cheers)"
    r"( very much| so much| a lot| for your help)?$"
)


def act_of(text: str) -> Act | None:
    """The move that a sentence makes, or nothing if it is about something.

    ``Act.YES`` and ``Act.NO`` only say how the sentence begins: it may go on with a request.
    """
    said = plain(text)
    # "please" says nothing here, and "thanks" would hide the word before it.
    bare = " ".join(word for word in said.split() if word not in FILLERS - {"thanks", "okay", "ok"})
    if not said:
        return Act.SILENCE
    if _GOODBYE.search(said):
        return Act.GOODBYE
    for act, pattern in _PATTERNS:
        if re.search(pattern, bare) or re.search(pattern, said):
            return act
    for act, expression in (
        (Act.THANKS, _THANKS),
        (Act.GREETING, _GREETING),
        (Act.YES, _YES),
        (Act.NO, _NO),
    ):
        if expression.search(said) or expression.search(bare):
            return act
    return Act.SILENCE if not bare else None


_QUESTION = re.compile(
    r"^(and |but |so |well |um |uh )*"
    r"(what|what's|which|who|whose|when|where|why|how|is|are|was|were|does|do|did|will|has|have)\b"
)
_REQUEST = re.compile(
    r"^(please |um |uh |well |so |hello |hi |yes |ok |okay )*"
    r"(i|i'd|i'm|we|we'd|can (you|i|we)|could (you|i|we)|may i|would you|let's|let me|get|give)\b"
)


def is_question(text: str) -> bool:
    """Whether a sentence asks for information instead of asking for something to be done."""
    said = plain(text)
    return bool(_QUESTION.search(said)) and not _REQUEST.search(said)


_AGAINST = re.compile(r"\b(no|not|nope|never|stop|without|off|(do|must|should)n't)\b")


def verdict_of(text: str) -> bool | None:
    """Whether a sentence is for or against what it names; nothing if it only asks."""
    said = plain(text).replace("don't mind", "agree")
    if _AGAINST.search(said):
        return False
    return None if is_question(said) else True


_WANTS = re.compile(
    r"^(please |um |uh |well |so |hello |hi |yes |no |ok |okay |actually |now |and |but |then )*"
    r"(i('d| would) (like|love|prefer)|i (also )?(want|need|wish|have to)|i'm looking for"
    r"|i am looking for|(can|could|would|will) (you|i|we)|may i|give me|get me|let('s| me|us)"
    r"|help me|(book|find|search|cancel|change|rent|order|buy|reserve|show|make|send|pay)\b)"
)


def is_request(text: str) -> bool:
    """Whether a sentence asks for something to be done, by the way it begins."""
    return bool(_WANTS.search(plain(text)))
