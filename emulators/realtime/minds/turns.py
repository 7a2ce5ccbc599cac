"""What the last thing that happened in a conversation calls for."""

from enum import Enum, auto


class Turn(Enum):
    """What to respond to."""

    NOTHING = auto()
    OPEN = auto()
    """Ask what the caller wants; they just came."""
    TASK = auto()
    """Go on with the task."""
    RESULT = auto()
    """Tell what a tool answered."""
    CHOOSE = auto()
    """Several colleagues fit: ask which."""
    ELSE = auto()
    """Ask whether there is anything else."""
    ADJUST = auto()
    """The caller does not want it like this: ask what to change."""
    NOTED = auto()
    """The caller told who they are."""
    ELSEWHERE = auto()
    """Asked for something that nobody here does."""
    UNCLEAR = auto()
    GAVE_UP = auto()
    """Not understood too often: the task is dropped."""
    HOPELESS = auto()
    """Not understood over and over: end it."""
    SILENCE = auto()
    GREETING = auto()
    THANKS = auto()
    HELP = auto()
    """Asks what can be done here."""
    REPEAT = auto()
    RECALL = auto()
    """Asks for something that was said earlier."""
    WAIT = auto()
    ASKED = auto()
    """Wants to know something about what the agent itself wants."""
    DECLINED = auto()
    """Can't or does not want to do what the agent wants."""
    ANSWERED = auto()
    """Asks what instructions have an answer to."""
    LEAVING = auto()
    """Says what instructions have an answer to that ends the call."""
    DONE = auto()
    """Wants nothing more."""
    GOODBYE = auto()
