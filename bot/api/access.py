"""Gives routes the switchboard that their application was made with."""

from typing import Annotated

from fastapi import Depends
from starlette.requests import HTTPConnection

from bot.switchboard import Switchboard


def switchboard_of(connection: HTTPConnection) -> Switchboard:
    """The one switchboard of the process."""
    switchboard = connection.app.state.switchboard
    if not isinstance(switchboard, Switchboard):
        raise TypeError("the application was made without a switchboard")
    return switchboard


SwitchboardOf = Annotated[Switchboard, Depends(switchboard_of)]
