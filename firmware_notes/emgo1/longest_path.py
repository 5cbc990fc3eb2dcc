"""Longest paths through disassembled Thumb code, counted in instructions."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field

__all__ = ["Function", "Paths", "read_disassembly"]

CONDITIONS = "eq|ne|cs|cc|mi|pl|vs|vc|hi|ls|ge|lt|gt|le"


@dataclass
class Function:
    """Instructions of a function: address to mnemonic and operands."""

    name: str
    code: dict[int, tuple[str, str]] = field(default_factory=dict)


def read_disassembly(text: str) -> dict[str, Function]:
    """Return the functions that ``objdump -d --no-show-raw-insn`` lists, by name."""
    functions: dict[str, Function] = {}
    current = None
    for line in text.splitlines():
        if start := re.match(r"[0-9a-f]+ <(\w+)>:", line):
            current = functions[start[1]] = Function(start[1])
        elif current and (found := re.match(r"\s*([0-9a-f]+):\t(\S+)\s*(.*)", line)):
            current.code[int(found[1], 16)] = (found[2], found[3])
    return functions


class Paths:
    """Longest paths, in instructions, through the functions of a program.

    A loop runs as often as `trips` says for its function and depth of nesting. Paths through a call of a function in
    `avoid` are left out; a function that is not there (of the compiler or the board) counts as the call alone.
    """

    def __init__(
        self, functions: dict[str, Function], trips: dict[str, tuple[int, ...]], avoid: frozenset[str]
    ) -> None:
        self.functions, self.trips, self.avoid = functions, trips, avoid

    def longest(self, name: str) -> int:
        """Return the instructions of the longest path from the first one of a function to its return."""
        function = self.functions[name]
        addresses = sorted(function.code)
        follows = dict(zip(addresses, [*addresses[1:], -1], strict=True))
        cost, ways = {}, {}
        for at in addresses:
            cost[at], ways[at] = self._instruction(function, at, follows[at])
        return self._walk(name, addresses[0], set(addresses), cost, ways, 0)

    def _instruction(self, function: Function, at: int, following: int) -> tuple[int, list[int]]:
        """Return what an instruction costs with all that it calls, and where it may go; nowhere: a return."""
        mnemonic, operands = function.code[at]
        bare = re.sub(r"\.[nw]$", "", mnemonic)
        target = re.search(r"([0-9a-f]+) <(\w+)(\+0x[0-9a-f]+)?>", operands)
        if bare == "bl" and target:
            return 1 + self._called(target[2]), [] if target[2] in self.avoid else [following]
        if bare in ("tbb", "tbh"):
            raise SystemExit(f"a table of branches in {function.name}: its paths are not followed")
        if target and (bare == "b" or bare in ("cbz", "cbnz") or re.fullmatch(f"b({CONDITIONS})", bare)):
            goes = int(target[1], 16)
            if goes not in function.code:  # a call in place of a return
                return 1 + self._called(target[2]), [] if bare == "b" else [following]
            return 1, [goes] if bare == "b" else [goes, following]
        if (bare == "bx" and operands == "lr") or ("pc" in operands and bare.startswith(("pop", "ldm"))):
            return 1, []
        return 1, [following] if following >= 0 else []

    def _called(self, name: str) -> int:
        return self.longest(name) if name in self.functions and name not in self.avoid else 0

    def _walk(
        self, name: str, entry: int, nodes: set[int], cost: dict[int, int], ways: dict[int, list[int]], depth: int
    ) -> int:
        """Return the longest path inside `nodes`, their loops folded into single nodes first."""
        cost, ways = dict(cost), {at: [to for to in ways[at] if to in nodes] for at in nodes}
        for head, body in self._loops(entry, nodes, ways):
            inner = {at: [to for to in ways[at] if to in body and to != head] for at in body}
            once = self._walk(name, head, body, cost, inner, depth + 1)
            bounds = self.trips.get(name, ())
            if depth >= len(bounds):
                raise SystemExit(f"{name} has a loop at depth {depth} that nobody said how often runs")
            leaving = [at for at in body if set(ways[at]) - body]
            last = max((self._to(head, at, inner, cost) for at in leaving), default=0)
            cost[head] = once * bounds[depth] + last  # it runs, and then finds that it is over
            ways[head] = [to for at in leaving for to in ways[at] if to not in body]
            for at in body - {head}:
                nodes = nodes - {at}
                ways.pop(at)
        best: dict[int, int] = {}

        def longest(at: int) -> int:
            if at not in best:
                best[at] = cost[at] + max((longest(to) for to in ways[at]), default=0)
            return best[at]

        return longest(entry)

    @staticmethod
    def _to(head: int, end: int, ways: dict[int, list[int]], cost: dict[int, int]) -> int:
        """Return the longest way from the head of a loop to one of its ends, loops inside it taken once."""
        best: dict[int, float] = {}

        def longest(at: int, above: frozenset[int]) -> float:
            if at == end:
                return cost[at]
            if at not in best:
                further = (longest(to, above | {at}) for to in ways[at] if to not in above)
                best[at] = cost[at] + max(further, default=-float("inf"))
            return best[at]

        return int(longest(head, frozenset()))

    @staticmethod
    def _loops(entry: int, nodes: set[int], ways: dict[int, list[int]]) -> list[tuple[int, set[int]]]:
        """Return head and body of the outermost loops."""
        back, state, order = [], {}, [(entry, iter(ways[entry]))]
        state[entry] = 1
        while order:
            at, rest = order[-1]
            for to in rest:
                if state.get(to) == 1:
                    back.append((at, to))
                elif to not in state:
                    state[to] = 1
                    order.append((to, iter(ways[to])))
                    break
            else:
                state[at] = 2
                order.pop()
        bodies: dict[int, set[int]] = {}
        comes = defaultdict(set)
        for at in nodes:
            for to in ways[at]:
                comes[to].add(at)
        for tail, head in back:
            body, todo = bodies.setdefault(head, {head}), [tail]
            while todo:
                at = todo.pop()
                if at not in body:
                    body.add(at)
                    todo += comes[at]
        outermost = [(h, b) for h, b in bodies.items() if not any(h in o and h != g for g, o in bodies.items())]
        return [(head, body & set(state)) for head, body in outermost]
