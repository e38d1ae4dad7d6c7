"""Rewrites Python code where the rewrite is certain, with LibCST: layout and comments stay as they are.

A job comes as JSON on stdin, by the program that unpacks this beside LibCST (src/app/fix/rewrite-code.ts):

    {"root": "/workspace", "union": "pipe" | "optional",
     "files": [{"path": …, "defaults": [{"name": …, "line": …}], "dataclasses": true}]}

`defaults` are parameters that mypy says are None by default and are not annotated so. `dataclasses` asks for fields of the standard
library's dataclasses whose default is an empty list, dict or set: such a class can not even be made. One line of JSON a file on stdout:

    {"path": …, "done": [{"kind": "implicit-optional" | "mutable-default", "name": …, "line": …}], "left": [{…, "why": …}]}
"""

from __future__ import annotations

import json
import os
import sys

import libcst as cst
from libcst import matchers as m
from libcst.codemod import CodemodContext
from libcst.codemod.visitors import AddImportsVisitor
from libcst.helpers import get_full_name_for_node
from libcst.metadata import MetadataWrapper, PositionProvider, QualifiedNameProvider

FACTORIES = {"builtins.list": "list", "builtins.dict": "dict", "builtins.set": "set"}


class Rewrite(cst.CSTTransformer):
    """One file's rewrites."""

    METADATA_DEPENDENCIES = (PositionProvider, QualifiedNameProvider)

    def __init__(self, job, union, names):
        super().__init__()
        self.wanted = {(each["line"], each["name"]) for each in job["defaults"]}
        self.dataclasses = job["dataclasses"]
        self.union = union
        self.names = names  # what the module calls things: Name → how often it stands in it
        self.imports = set()
        self.done = []
        self.left = []
        self.found = {}  # (line, name) → how many parameters there are so called
        self.classes = []  # of the classes around: whether each is a dataclass

    # -- x: int = None ----------------------------------------------------------------------------------------------

    def leave_Param(self, original_node, updated_node):
        default, annotation = original_node.default, original_node.annotation
        if default is None or annotation is None or not m.matches(default, m.Name("None")):
            return updated_node
        key = (self.line_of(default), original_node.name.value)
        if key not in self.wanted:
            return updated_node
        self.found[key] = self.found.get(key, 0) + 1
        new = self.with_none(updated_node.annotation.annotation)
        if isinstance(new, str):
            self.leave("implicit-optional", key, new)
            return updated_node
        self.tell("implicit-optional", key)
        return updated_node.with_changes(annotation=updated_node.annotation.with_changes(annotation=new))

    def with_none(self, annotation):
        """The annotation that has None, too; or why there is none."""
        if isinstance(annotation, (cst.ConcatenatedString, cst.FormattedString)):
            return "its annotation is put together from strings"
        if self.union == "optional":
            if self.names.get("Optional", 0) > 0 and not self.imported("typing", "Optional"):
                return "the module calls something else Optional"
            self.imports.add(("typing", "Optional"))
            return cst.Subscript(cst.Name("Optional"), [cst.SubscriptElement(cst.Index(annotation))])
        if isinstance(annotation, cst.SimpleString):
            quote = annotation.quote
            inside = annotation.value[: -len(quote)]
            return annotation.with_changes(value=f"{inside} | None{quote}")
        if isinstance(annotation, cst.BinaryOperation) and self.has_string(annotation):
            return "its annotation is put together from strings"
        return cst.BinaryOperation(annotation, cst.BitOr(), cst.Name("None"))

    def has_string(self, node):
        sides = (node.left, node.right)
        return any(isinstance(side, cst.SimpleString) or isinstance(side, cst.BinaryOperation) and self.has_string(side) for side in sides)

    # -- items: list[int] = [] --------------------------------------------------------------------------------------

    def visit_ClassDef(self, node):
        self.classes.append(any(self.is_dataclass(each.decorator) for each in node.decorators))

    def leave_ClassDef(self, original_node, updated_node):
        self.classes.pop()
        return updated_node

    def visit_FunctionDef(self, node):
        self.classes.append(False)

    def leave_FunctionDef(self, original_node, updated_node):
        self.classes.pop()
        return updated_node

    def is_dataclass(self, decorator):
        function = decorator.func if isinstance(decorator, cst.Call) else decorator
        return self.is_called(function, {"dataclasses.dataclass"})

    def leave_AnnAssign(self, original_node, updated_node):
        value = original_node.value
        if not self.dataclasses or not self.classes or not self.classes[-1] or value is None:
            return updated_node
        factory = self.factory_of(value)
        if factory is None or not isinstance(original_node.target, cst.Name):
            return updated_node
        key = (self.line_of(original_node), original_node.target.value)
        annotation = original_node.annotation.annotation
        if self.is_class_variable(annotation):
            return updated_node
        if factory in self.bound:
            self.leave("mutable-default", key, f"the module calls something else {factory}")
            return updated_node
        field = self.field()
        if field is None:
            self.leave("mutable-default", key, "the module calls something else dataclasses")
            return updated_node
        argument = cst.Arg(
            cst.Name(factory),
            keyword=cst.Name("default_factory"),
            equal=cst.AssignEqual(cst.SimpleWhitespace(""), cst.SimpleWhitespace("")),
        )
        self.tell("mutable-default", key)
        return updated_node.with_changes(value=cst.Call(field, [argument]))

    def factory_of(self, value):
        if isinstance(value, cst.List) and not value.elements:
            return "list"
        if isinstance(value, cst.Dict) and not value.elements:
            return "dict"
        if isinstance(value, cst.Call) and not value.args:
            names = self.names_of(value.func)
            return FACTORIES.get(next(iter(names))) if len(names) == 1 else None
        return None

    def is_class_variable(self, annotation):
        if isinstance(annotation, (cst.SimpleString, cst.ConcatenatedString)):
            # Dataclasses look at the text, too.
            return "ClassVar" in cst.Module([]).code_for_node(annotation) or "InitVar" in cst.Module([]).code_for_node(annotation)
        name = annotation.value if isinstance(annotation, cst.Subscript) else annotation
        return self.is_called(
            name,
            {"typing.ClassVar", "typing_extensions.ClassVar", "dataclasses.InitVar"},
        )

    def field(self):
        """How the module calls dataclasses.field, which is imported where it is not; None when nothing is certain."""
        if self.imported("dataclasses", "field") and self.names.get("field", 0) > 0 and "field" not in self.bound:
            return cst.Name("field")
        if self.names.get("field", 0) == 0 and "field" not in self.bound:
            self.imports.add(("dataclasses", "field"))
            return cst.Name("field")
        if "dataclasses" in self.bound:
            return None
        self.imports.add(("dataclasses", None))
        return cst.Attribute(cst.Name("dataclasses"), cst.Name("field"))

    # -- what the module says ---------------------------------------------------------------------------------------

    def names_of(self, node):
        return {each.name for each in self.get_metadata(QualifiedNameProvider, node, set())}

    def is_called(self, node, wanted):
        names = self.names_of(node)
        return len(names) == 1 and not names.isdisjoint(wanted)

    def line_of(self, node):
        return self.get_metadata(PositionProvider, node).start.line

    def imported(self, module, name):
        return (module, name) in self.from_imports

    def tell(self, kind, key):
        self.done.append({"kind": kind, "name": key[1], "line": key[0]})

    def leave(self, kind, key, why):
        self.left.append({"kind": kind, "name": key[1], "line": key[0], "why": why})


class Names(cst.CSTVisitor):
    """What a module binds and uses, wherever: a name is certain only where nothing else has it."""

    def __init__(self):
        super().__init__()
        self.used = {}
        self.bound = set()
        self.from_imports = set()
        self.outermost = set()

    def visit_Module(self, node):
        # An import below an `if` or in a function is there at times only.
        lines = (line for line in node.body if isinstance(line, cst.SimpleStatementLine))
        self.outermost = {id(each) for line in lines for each in line.body}

    def visit_Name(self, node):
        self.used[node.value] = self.used.get(node.value, 0) + 1

    def visit_Attribute(self, node):
        # The name after the dot is nobody's.
        node.value.visit(self)
        return False

    def visit_Arg(self, node):
        node.value.visit(self)
        return False

    def visit_Import(self, node):
        for alias in node.names:
            name = alias.evaluated_alias or alias.evaluated_name.split(".")[0]
            if name != alias.evaluated_name:
                self.bound.add(name)
        return False

    def visit_ImportFrom(self, node):
        module = "" if node.module is None else get_full_name_for_node(node.module)
        if isinstance(node.names, cst.ImportStar):
            return False
        for alias in node.names:
            name = alias.evaluated_alias or alias.evaluated_name
            known = not node.relative and name == alias.evaluated_name and module in ("dataclasses", "typing")
            if known and id(node) in self.outermost:
                self.from_imports.add((module, name))
            else:
                self.bound.add(name)
            self.used.setdefault(name, 1)
        return False

    def visit_Param(self, node):
        self.bound.add(node.name.value)

    def visit_FunctionDef(self, node):
        self.bound.add(node.name.value)

    def visit_ClassDef(self, node):
        self.bound.add(node.name.value)

    def visit_AssignTarget(self, node):
        self.bind(node.target)

    def visit_AnnAssign(self, node):
        self.bind(node.target)

    def visit_NamedExpr(self, node):
        self.bind(node.target)

    def visit_For(self, node):
        self.bind(node.target)

    def visit_CompFor(self, node):
        self.bind(node.target)

    def visit_AsName(self, node):
        self.bind(node.name)

    def bind(self, target):
        for name in m.findall(target, m.Name()):
            self.bound.add(name.value)


class InOrder(cst.CSTTransformer):
    """A name that was added to an import comes first there; where the others are in order, it goes where it belongs."""

    def __init__(self, modules):
        super().__init__()
        self.modules = modules

    def leave_ImportFrom(self, original_node, updated_node):
        module = updated_node.module
        if module is None or get_full_name_for_node(module) not in self.modules or updated_node.lpar is not None:
            return updated_node
        if isinstance(updated_node.names, cst.ImportStar) or len(updated_node.names) < 2:
            return updated_node
        names = [each.evaluated_name for each in updated_node.names]
        if names[1:] != sorted(names[1:]) or names == sorted(names):
            return updated_node
        plain = [each.with_changes(comma=cst.MaybeSentinel.DEFAULT) for each in updated_node.names]
        return updated_node.with_changes(names=sorted(plain, key=lambda each: each.evaluated_name))


def rewrite(data, job, union):
    wrapper = MetadataWrapper(cst.parse_module(data))
    names = Names()
    wrapper.module.visit(names)
    change = Rewrite(job, union, names.used)
    change.bound, change.from_imports = names.bound, names.from_imports
    module = wrapper.visit(change)
    twice = {key for key, count in change.found.items() if count > 1}
    if twice:
        # Two parameters of one name in one line: which one was meant, nobody can tell.
        job = {
            **job,
            "defaults": [each for each in job["defaults"] if (each["line"], each["name"]) not in twice],
        }
        data, done, left = rewrite(data, job, union)
        return (
            data,
            done,
            [
                *left,
                *(
                    {
                        "kind": "implicit-optional",
                        "name": key[1],
                        "line": key[0],
                        "why": "there are two of that name in its line",
                    }
                    for key in sorted(twice)
                ),
            ],
        )
    context = CodemodContext()
    for module_name, name in sorted(change.imports, key=str):
        AddImportsVisitor.add_needed_import(context, module_name, name)
    if change.imports:
        module = AddImportsVisitor(context).transform_module(module).visit(InOrder({each[0] for each in change.imports}))
    missing = change.wanted - set(change.found)
    left = [
        *change.left,
        *(
            {
                "kind": "implicit-optional",
                "name": name,
                "line": line,
                "why": "no such parameter is there",
            }
            for line, name in sorted(missing)
        ),
    ]
    return module.bytes, change.done, left


def main():
    job = json.load(sys.stdin)
    for file in job["files"]:
        path = os.path.join(job["root"], file["path"])
        try:
            with open(path, "rb") as source:
                data = source.read()
            new, done, left = rewrite(data, file, job["union"])
            if new != data:
                with open(path, "wb") as target:
                    target.write(new)
        except (OSError, UnicodeDecodeError, cst.ParserSyntaxError) as error:
            why = str(error).splitlines()[0]
            done, left = [], [{"kind": "unreadable", "name": "", "line": 1, "why": why}]
        print(json.dumps({"path": file["path"], "done": done, "left": left}), flush=True)


if __name__ == "__main__":
    main()
