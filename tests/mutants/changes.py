"""The changes that are tried: one operator, constant or branch of a module each.

Left out is what no test should be asked for: annotations and other types, which mypy holds (that a
record is `frozen` or takes names only, too), what shows in measurements alone (`gc`, `slots`, the
size of a cache), and strings. They are names on the wire or words for people, and a test of each
would only say it again.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import libcst
from libcst.metadata import MetadataWrapper, PositionProvider
from mutmut.mutation import mutators

_Operator = Callable[[Any], Iterable[libcst.CSTNode]]

# Of such numbers none is counted one by one.
_LARGE = 1000


@dataclass(frozen=True)
class Change:
    """One change of one module: the whole of its new text, and the lines to tell it by."""

    path: Path
    line: int
    before: str
    after: str
    text: str


@dataclass(frozen=True)
class Place:
    """A place where a change can be made, and the change."""

    path: Path
    line: int
    module: libcst.Module
    node: libcst.CSTNode
    replacement: libcst.CSTNode

    def change(self) -> Change:
        """Make the change."""
        text = libcst.ensure_type(
            self.module.deep_replace(self.node, self.replacement), libcst.Module
        ).code
        before, after = _first_difference(self.module.code, text)
        return Change(self.path, self.line, before, after, text)


def places_of(path: Path) -> Iterator[Place]:
    """Give all changes of a module, in the order of its text."""
    wrapped = MetadataWrapper(
        libcst.parse_module(path.read_text(encoding="utf-8")), unsafe_skip_copy=True
    )
    visitor = _Visitor()
    wrapped.visit(visitor)
    for node, line, replacement in visitor.found:
        yield Place(path, line, wrapped.module, node, replacement)


def _first_difference(source: str, text: str) -> tuple[str, str]:
    for before, after in zip(source.splitlines(), text.splitlines(), strict=False):
        if before != after:
            return before.strip(), after.strip()
    return "", ""


def _never_or_always(node: libcst.If | libcst.While | libcst.CompIf) -> Iterator[libcst.CSTNode]:
    """Take a branch never, or always; a loop never."""
    condition = node.test.with_changes(lpar=[libcst.LeftParen()], rpar=[libcst.RightParen()])
    verdicts = [(libcst.And(), "False"), (libcst.Or(), "True")]
    for operator, verdict in verdicts[: 1 if isinstance(node, libcst.While) else 2]:
        forced = libcst.BooleanOperation(condition, operator, libcst.Name(verdict))
        yield node.with_changes(test=forced)


def _left_out(node: libcst.Expr) -> Iterator[libcst.CSTNode]:
    """Leave out a call that stands for itself."""
    call = node.value.expression if isinstance(node.value, libcst.Await) else node.value
    if isinstance(call, libcst.Call):
        yield libcst.Pass()


def _other_number(node: libcst.Integer | libcst.Float) -> Iterator[libcst.CSTNode]:
    """The next number; twice a large one, which is a bound that nobody can tell from the next."""
    if node.evaluated_value < _LARGE:
        yield from mutators.operator_number(node)
    else:
        yield node.with_changes(value=repr(2 * node.evaluated_value))


_OPERATORS: list[tuple[type | tuple[type, ...], _Operator]] = [
    ((libcst.Integer, libcst.Float), _other_number),
    (libcst.Name, mutators.operator_name),
    (libcst.UnaryOperation, mutators.operator_remove_unary_ops),
    (libcst.AugAssign, mutators.operator_augmented_assignment),
    (libcst.Call, mutators.operator_symmetric_string_methods_swap),
    (libcst.Call, mutators.operator_unsymmetrical_string_methods_swap),
    (libcst.CSTNode, mutators.operator_keywords),
    (libcst.CSTNode, mutators.operator_swap_op),
    (libcst.Match, mutators.operator_match),
    (libcst.IfExp, mutators.operator_if_exp),
    (libcst.If, _never_or_always),
    (libcst.While, _never_or_always),
    (libcst.CompIf, _never_or_always),
    (libcst.Expr, _left_out),
]


class _Visitor(libcst.CSTVisitor):
    """Gathers the changes of all nodes but types."""

    METADATA_DEPENDENCIES = (PositionProvider,)

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[libcst.CSTNode, int, libcst.CSTNode]] = []
        self._line = 1

    def on_visit(self, node: libcst.CSTNode) -> bool:
        if _is_untried(node):
            return False
        # Operators have no position of their own: theirs is what they stand in.
        position = self.get_metadata(PositionProvider, node, None)
        self._line = position.start.line if position else self._line
        for kind, operator in _OPERATORS:
            if isinstance(node, kind):
                self.found += [(node, self._line, new) for new in operator(node)]
        return True


def _is_untried(node: libcst.CSTNode) -> bool:
    """Tell whether a node is there for the type checker, or for speed."""
    match node:
        case libcst.Annotation():
            return True
        case libcst.If(test=libcst.Name("TYPE_CHECKING")):
            return True
        case libcst.ClassDef(bases=[libcst.Arg(value=libcst.Name("Protocol"))]):
            return True
        case libcst.Subscript(value=libcst.Name("Literal" | "Annotated")):
            return True
        case libcst.Call(func=libcst.Name("TypeVar" | "ParamSpec" | "cast" | "NewType")):
            return True
        case libcst.Arg(keyword=libcst.Name("frozen" | "kw_only" | "slots" | "gc")):
            return True
        case libcst.Call(func=libcst.Name("lru_cache")):
            return True
    return False
