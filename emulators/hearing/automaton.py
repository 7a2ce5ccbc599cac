"""A grammar as a small word automaton, which decodes several times faster than its JSGF text.

pocketsphinx copies a rule wherever it is mentioned and joins the copies by null arcs: the travel
team's phrases become 70,000 states, most of them dates. Here rules become probabilistic
automata that are determinised and minimised (Mohri, "Minimization algorithms for sequential
transducers", 2000, over the probability semiring): first the phrases with their slots as single
symbols, then each slot once, put in where the phrases mention it.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from emulators.hearing.rules import NULL, Choice

Transition = tuple[int, int, float] | tuple[int, int, float, str]
"""From, to, probability and the word; without a word it is a null arc."""

START, FINAL = 0, 1
_DIGITS = 9
"""Probabilities that agree to this many decimals are the same."""


@dataclass(slots=True)
class _Network:
    """States and arcs with probabilities; an empty symbol is a null arc. 0 is the start."""

    arcs: list[list[tuple[str, int, float]]] = field(default_factory=lambda: [[]])
    end: int = 0

    def state(self) -> int:
        self.arcs.append([])
        return len(self.arcs) - 1

    def arc(self, source: int, symbol: str, target: int, probability: float = 1.0) -> None:
        self.arcs[source].append((symbol, target, probability))


@dataclass(frozen=True, slots=True)
class _Automaton:
    """Deterministic, minimal: per state its arcs and the probability of ending. 0 is the start."""

    arcs: list[dict[str, tuple[int, float]]]
    ends: list[float]


def transitions(rules: Mapping[str, Choice], root: str, slots: frozenset[str]) -> list[Transition]:
    """The arcs of an automaton from state `START` to state `FINAL` for the rule ``root``.

    ``slots`` are the rules to build once each; others are built where they are mentioned.
    """
    phrases = _automaton(rules, root, opaque=lambda name: name in slots)
    inner = {name: _automaton(rules, name, opaque=lambda _: False) for name in slots}
    count = len(phrases.arcs) + 1
    # States of the phrases keep their numbers, but for FINAL, which is nobody's.
    number = [START, *range(2, count)]
    result: list[Transition] = []
    for state, arcs in enumerate(phrases.arcs):
        if phrases.ends[state]:
            result.append((number[state], FINAL, phrases.ends[state]))
        for symbol, (target, probability) in arcs.items():
            if not symbol.startswith("<"):
                result.append((number[state], number[target], probability, symbol))
                continue
            slot = inner[symbol[1:-1]]
            copy = [number[state], *range(count, count + len(slot.arcs) - 1)]
            for source, slot_arcs in enumerate(slot.arcs):
                if slot.ends[source] and slot_arcs:
                    result.append((copy[source], number[target], slot.ends[source]))
                for word, (inside, share) in slot_arcs.items():
                    # A state that only ends is the state behind the slot.
                    after = copy[inside] if slot.arcs[inside] else number[target]
                    share *= probability if source == 0 else 1.0
                    result.append((copy[source], after, share, word))
            count += len(slot.arcs) - 1
    return result


def _automaton(rules: Mapping[str, Choice], name: str, opaque: Callable[[str], bool]) -> _Automaton:
    network = _Network()
    network.end = _build(network, 0, rules[name], rules, opaque)
    return _minimal(*_deterministic(network))


def _build(
    network: _Network,
    start: int,
    choice: Choice,
    rules: Mapping[str, Choice],
    opaque: Callable[[str], bool],
) -> int:
    """Adds a choice between ``start`` and the state that is returned."""
    end = network.state()
    share = 0.5 if choice.optional else 1.0
    if choice.optional:
        network.arc(start, "", end, 0.5)
    total = sum(choice.weights)
    for parts, weight in zip(choice.alternatives, choice.weights, strict=True):
        state = network.state()
        network.arc(start, "", state, share * weight / total)
        for part in parts:
            if isinstance(part, Choice):
                state = _build(network, state, part, rules, opaque)
            elif part == NULL:
                continue
            elif part.startswith("<") and not opaque(part[1:-1]):
                state = _build(network, state, rules[part[1:-1]], rules, opaque)
            else:
                after = network.state()
                network.arc(state, part, after)
                state = after
        network.arc(state, "", end)
    return end


_Mix = tuple[tuple[int, float], ...]
"""Where one can be in a network, and how likely."""


def _deterministic(network: _Network) -> tuple[list[dict[str, tuple[int, float]]], list[float]]:
    first = _closure(network, {0: 1.0})
    numbers: dict[_Mix, int] = {first: 0}
    pending = [first]
    arcs: list[dict[str, tuple[int, float]]] = []
    ends: list[float] = []
    for mix in pending:
        reached: defaultdict[str, defaultdict[int, float]] = defaultdict(lambda: defaultdict(float))
        ends.append(sum(share for state, share in mix if state == network.end))
        for state, share in mix:
            for symbol, target, probability in network.arcs[state]:
                if symbol:
                    reached[symbol][target] += share * probability
        own: dict[str, tuple[int, float]] = {}
        for symbol, targets in reached.items():
            total = sum(targets.values())
            after = _closure(network, {state: p / total for state, p in targets.items()})
            if after not in numbers:
                numbers[after] = len(numbers)
                pending.append(after)
            own[symbol] = (numbers[after], total)
        arcs.append(own)
    return arcs, ends


def _closure(network: _Network, mix: Mapping[int, float]) -> _Mix:
    """What null arcs lead to, without the states that only have null arcs."""
    shares: defaultdict[int, float] = defaultdict(float)
    pending = list(mix.items())
    while pending:
        state, share = pending.pop()
        nulls = [(target, p) for symbol, target, p in network.arcs[state] if not symbol]
        pending += [(target, share * p) for target, p in nulls]
        if state == network.end or len(nulls) < len(network.arcs[state]):
            shares[state] += share
    return tuple(sorted((state, round(share, _DIGITS)) for state, share in shares.items()))


def _minimal(arcs: list[dict[str, tuple[int, float]]], ends: list[float]) -> _Automaton:
    """Merges states from which the same can be said with the same probabilities.

    The automaton has no cycles, so a state's successors can be merged before it.
    """
    merged: dict[int, int] = {}
    known: dict[tuple[object, ...], int] = {}
    result = _Automaton([], [])
    for state in _successors_first(arcs):
        own = {symbol: (merged[target], p) for symbol, (target, p) in arcs[state].items()}
        shape = tuple(sorted((s, t, round(p, _DIGITS)) for s, (t, p) in own.items()))
        key = (round(ends[state], _DIGITS), shape)
        if key not in known:
            known[key] = len(result.arcs)
            result.arcs.append(own)
            result.ends.append(ends[state])
        merged[state] = known[key]
    # The start was merged last: turned round, it is the first.
    last = len(result.arcs) - 1
    turned = [
        {symbol: (last - target, p) for symbol, (target, p) in own.items()}
        for own in reversed(result.arcs)
    ]
    return _Automaton(turned, result.ends[::-1])


def _successors_first(arcs: list[dict[str, tuple[int, float]]]) -> list[int]:
    order: list[int] = []
    seen: set[int] = set()
    pending: list[tuple[int, bool]] = [(0, False)]
    while pending:
        state, are_done = pending.pop()
        if are_done:
            order.append(state)
        elif state not in seen:
            seen.add(state)
            pending.append((state, True))
            pending += [(target, False) for target, _ in arcs[state].values()]
    return order
