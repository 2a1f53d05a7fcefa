"""A plugin that tells mypy what fastcore's `patch` adds to a class of the same module: methods, and the attributes that they set.

pyproject.toml names it. What a class defines in its own body mypy finds without help, and knows more of it.
"""
import ast
from functools import cache
from pathlib import Path

from mypy.nodes import MDEF, SymbolTableNode, Var
from mypy.plugin import Plugin
from mypy.types import AnyType, TypeOfAny


def named(function):
    "Name of a function, and of the attributes of its first argument that it sets."
    me = function.args.args[0].arg if function.args.args else None
    return {function.name} | {o.attr for o in ast.walk(function) if isinstance(o, ast.Attribute) and isinstance(o.ctx, ast.Store) and ast.unparse(o.value)==me}


@cache
def patched(path):
    "The names that each class of a file gets by `patch` alone."
    tree = ast.parse(Path(path).read_text(encoding='utf-8'))
    functions = [f for f in tree.body if isinstance(f, ast.FunctionDef) and any(ast.unparse(o).split('(')[0]=='patch' for o in f.decorator_list)]
    added,own = {},{}
    for f in functions:
        for o in ast.walk(f.args.args[0].annotation):  # `self:Report`, `self:A|B`
            if isinstance(o, ast.Name): added.setdefault(o.id, set()).update(named(f))
    for c in tree.body:
        if isinstance(c, ast.ClassDef): own[c.name] = {name for f in c.body if isinstance(f, ast.FunctionDef) for name in named(f)}
    return {c: names - own.get(c, set()) for c,names in added.items()}


def add_patched(ctx):
    info = ctx.cls.info
    for name in patched(ctx.api.cur_mod_node.path).get(info.name, set()) - set(info.names):
        var = Var(name, AnyType(TypeOfAny.special_form))
        var.info, var._fullname = info, f'{info.fullname}.{name}'
        info.names[name] = SymbolTableNode(MDEF, var, plugin_generated=True)


class Patched(Plugin):
    def get_customize_class_mro_hook(self, fullname): return add_patched if fullname.startswith('miniai.') else None


def plugin(version): return Patched
