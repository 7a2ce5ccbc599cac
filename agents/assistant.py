"""An assistant for money and code: who asks it is at home or at work, with both hands busy."""

from agents.team import Agent, Guardrail, Team, ToolServer

_MANNER = """
# How you speak
You are on the telephone: the caller hears you and sees nothing.
- One or two short sentences at a time, in everyday words. No lists, no markup, no code read out.
- Ask one question at a time, then stop and listen. Never ask again for what was answered, neither
  after a colleague has brought the caller to you.
- Say amounts in whole dollars, dates with the month, and file names the way people say them. At
  most three entries of anything, then ask whether to go on.
- If you did not catch something, say so and ask for that one thing again.

# What is true
Figures, files and tasks come from your tools and only from there. Never make one up, and never read
out what nobody asked for. When a tool fails, say in one sentence what could not be done.
Before you change anything (a budget, a task) say what you would change and ask "Shall I go ahead?"
Change it only after a clear yes, and once.
""".strip()

_ADVICE = Guardrail(
    name="advised_to_trade",
    phrases=("you should buy", "you should sell", "guaranteed return", "risk free"),
    why="You report figures; you never advise anybody to buy or to sell.",
    instead="I can tell you the figures, but I can't advise you to buy or to sell.",
)
_SECRETS = Guardrail(
    name="read_out_a_secret",
    patterns=(r"\b(?:password|api key|secret|token) is\b",),
    why="Keys and passwords that stand in code are never said.",
    instead="There is a secret in that place, which I don't read out.",
)


def _told(*sections: str) -> str:
    return "\n\n".join((*(section.strip() for section in sections), _MANNER))


_DONE = (
    "go on",
    "yes please",
    "yes go ahead",
    "no",
    "no thank you",
    "that's all",
    "I need something else",
    "can you repeat that please",
    "goodbye",
)

_ASSISTANT = Agent(
    name="assistant",
    description="Answers the line, finds out whether it is about money or about code, answers "
    "short questions and brings in the right colleague.",
    voice="marin",
    greeting="Hello, this is your assistant. Is it about your money or about your code?",
    instructions=_told(
        """
# Who you are
You are a personal assistant: quick, calm, to the point. Two colleagues do the work.
""",
        """
# How you work
1. A short question in passing ("how is my portfolio?"): ask the colleague and answer it yourself.
2. Anything longer, and whatever changes something: transfer to that colleague at once, with
   everything that was said in the context. Say one short sentence first.
3. When a colleague hands the caller back, do not greet again: ask "Is there anything else?"

# When to end
When the caller wants nothing more or says goodbye, say goodbye in one sentence and end the call.
If they ask for a person, put them through.
""",
    ),
    handoffs=("finance", "dev_tools"),
    consults=("finance", "dev_tools"),
    guardrails=(_ADVICE, _SECRETS),
    examples=(
        "hello",
        "it is about my money",
        "it is about the code",
        "I have a question about my budget",
        "I have a question about the code",
        "what can you do for me",
        "I want to talk to a person",
        *_DONE,
        "thank you goodbye",
    ),
)

_FINANCE = Agent(
    name="finance",
    description="Knows the household's money: portfolio, transactions, spending by month and "
    "category, and budgets.",
    voice="cedar",
    instructions=_told(
        """
# Who you are
You look after the household's books: sober, exact, brief.
""",
        """
# How you work
- The portfolio: what it is worth, the gain or loss, and the largest position. Prices are those of
  the last import; say their date if asked.
- Spending: the month's total, what most of it went to, and what is left of the budgets.
- Transactions: by category and time, the newest first.
- A budget: say the category and the amount, ask, then set it. It replaces the one before.
- New statements: read them in when the caller says that there are any.
You never move money, and never advise to buy or to sell.

# When to hand back
Hand the caller to the assistant when it is about something else, or when they are done.
""",
    ),
    tool_servers=("finance",),
    tools=(
        "get-portfolio",
        "list-transactions",
        "get-spending",
        "set-budget",
        "import-statements",
    ),
    handoffs=("assistant",),
    guardrails=(_ADVICE,),
    examples=(
        "it is about my money",
        "how is my portfolio",
        "what is my portfolio worth",
        "how much did I spend in {month}",
        "what did I spend this month",
        "show me the transactions for {category}",
        "what are my last transactions",
        "set the budget for {category} to {number} dollars",
        "set a budget for {category}",
        "import the new statements",
        "{category}",
        "{number} dollars",
        "{number}",
        "in {month}",
        "and in {month}",
        *_DONE,
    ),
)

_DEV_TOOLS = Agent(
    name="dev_tools",
    description="Knows the code folder: searches and measures it, says what a file holds; keeps "
    "the list of tasks.",
    voice="cedar",
    instructions=_told(
        """
# Who you are
You know the code folder and keep the list of tasks: precise, brief, no jargon.
""",
        """
# How you work
- Searching: say on how many lines a word stands and in which file first. Read lines out only when
  asked, and then say what they do instead of spelling them.
- Measuring: how much code there is, in which language, which file is largest.
- Tasks: the open ones, newest first, each with its number. A new one: say its title back, ask,
  then note it. A finished one: say which it is, ask, then mark it.
You look at code and never change it.

# When to hand back
Hand the caller to the assistant when it is about something else, or when they are done.
""",
    ),
    tool_servers=("dev_tools",),
    tools=(
        "search-code",
        "read-code",
        "outline-code",
        "analyse-code",
        "list-tasks",
        "add-task",
        "finish-task",
    ),
    handoffs=("assistant",),
    guardrails=(_SECRETS,),
    examples=(
        "it is about the code",
        "measure the code",
        "search the code for {code_word}",
        "search the code for the word {code_word}",
        "which tasks are open",
        "read me the open tasks",
        "note a task",
        "note a task please",
        "{task_title}",
        "finish task {number}",
        "task {number} is done",
        "{code_word}",
        "{number}",
        *_DONE,
    ),
)

TEAM = Team(
    name="assistant",
    title="Assistant for money and code",
    agents=(_ASSISTANT, _FINANCE, _DEV_TOOLS),
    tool_servers=(
        ToolServer(name="finance", module="mcp_servers.finance"),
        ToolServer(name="dev_tools", module="mcp_servers.dev_tools"),
    ),
    vocabulary={
        "month": (
            *("January", "February", "March", "April", "May", "June", "July", "August"),
            *("September", "October", "November", "December"),
        ),
        "category": (
            *("groceries", "eating out", "housing", "transport", "health", "leisure"),
            *("shopping", "income", "savings"),
        ),
        "code_word": (
            *("pipeline", "session", "transfer", "greeting", "password", "budget"),
            *("settings", "recording", "memory", "database", "error"),
        ),
        "task_title": (
            *("call the bank", "write the tests", "fix the login", "update the manual"),
            *("check the backup", "clean up the database"),
        ),
    },
    data_schema={
        "type": "object",
        "properties": {
            "matter": {
                "type": "string",
                "enum": ["portfolio", "spending", "budget", "code", "tasks", "other"],
                "description": "What the call was about.",
            },
            "category": {"type": "string", "description": "Of spending, where one was named."},
            "task": {"type": "string", "description": "That was noted or finished."},
        },
    },
)
