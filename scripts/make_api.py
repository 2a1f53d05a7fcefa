"""Write a reference page for each module, from its docstrings and docments: nbs/api/*.md, which are not kept in the repository.

    python scripts/make_api.py

nbdev's `show_doc` makes the text. The course's pages show code, so the reference stands apart from them.
"""
import ast
import importlib
import inspect
import re
from dataclasses import is_dataclass
from textwrap import dedent

from nbdev.showdoc import show_doc

from course import cfg, nbs, with_modules

out = nbs/'api'


def record(cls):
    "The source of a record's fields, each with its comment; `None` for what is not a record."
    if not inspect.isclass(cls) or not (is_dataclass(cls) or issubclass(cls, tuple) and hasattr(cls, '_fields')): return None
    lines = dedent(inspect.getsource(cls)).splitlines()
    body = ast.parse('\n'.join(lines)).body[0]
    fields = [o for o in body.body if isinstance(o, ast.AnnAssign)]
    if not fields: return None
    end = fields[-1].end_lineno
    while end < len(lines) and lines[end].strip().startswith('#'): end += 1  # a comment that goes on
    return '\n'.join([lines[body.lineno-1], *lines[fields[0].lineno-1:end]])


def entry(obj, name, level):
    "The docs of one object, under a heading with its name."
    md = show_doc(obj, title_level=level)._repr_markdown_()
    md = re.sub(r'^---\s*', '', md)
    if fields := record(obj): md = re.sub(r'(?<=```python\n).*?(?=\n```)', lambda _: fields, md, count=1, flags=re.S)
    try: line = f'#L{inspect.getsourcelines(obj)[1]}'
    except (OSError, TypeError): line = ''
    # Without pandoc's attributes, and with the line where nbdev does not find it.
    md = re.sub(r'(\[source\]\([^)#]*)(#L\w+)?\)\{[^}]*\}', rf'\1{line})', md)
    # The source last, no types that are only those of a default of None, and italics for a whole docstring or for none of it.
    source = re.search(r'\[source\]\(.*?\)\s*', md)
    md = md.replace(source[0], '', 1).replace(':NoneType', '') if source else md
    md = re.sub(r'^\*([^*\n]+)\*\n(?=\S)', r'\1\n', md, flags=re.M)
    md = re.sub(r'^#+ .*$', f'{"#"*level} {name}', md, count=1, flags=re.M).strip()
    return f'{md}\n\n{source[0].strip()}' if source else md


def methods(cls):
    "Public methods that the class itself defines, with the module in which each is patched in."
    for name,f in vars(cls).items():
        if isinstance(f, (classmethod, staticmethod)): f = f.__func__
        if isinstance(f, property): f = f.fget
        if inspect.isfunction(f) and not name.startswith('_') and f.__doc__: yield name, f


def home(module):
    "Where an object is documented whose module is `module`."
    package,_,name = module.rpartition('.')
    return f'[{module}]({name}.md)' if package==cfg['lib_path'] else f'`{module}`'


def page(nb, module):
    "The reference of one module."
    mod = importlib.import_module(f'{cfg["lib_path"]}.{module}')
    about = nb.subtitle if nb.is_internals else f'{nb.title.lower()}.'
    parts = [f'# {mod.__name__}\n\n> Reference. The page that builds it: [{nb.short}](../{nb.name}.ipynb){":" if nb.is_internals else ","} {about}']
    constants,elsewhere = [],[]
    for name in mod.__all__:
        obj = getattr(mod, name)
        if not (inspect.isclass(obj) or inspect.isfunction(obj)): constants.append(name); continue
        if obj.__module__ != mod.__name__: elsewhere.append((name, obj.__module__)); continue
        parts.append(entry(obj, name, 2))
        if inspect.isclass(obj) and not issubclass(obj, BaseException):
            parts += [entry(f, f'{name}.{m}', 3) for m,f in methods(obj)]
    if elsewhere: parts.append('## From other modules\n\n' + ', '.join(f'`{name}` ({home(m)})' for name,m in elsewhere))
    if constants: parts.append('## Constants\n\n' + ', '.join(f'`{c}`' for c in constants))
    return '\n\n'.join(parts) + '\n'


def main():
    out.mkdir(exist_ok=True)
    for nb,module in with_modules(): (out/f'{module}.md').write_text(page(nb, module), encoding='utf-8')
    print(f'{len(list(out.glob("*.md")))} reference pages in {out.relative_to(nbs.parent)}')


if __name__ == '__main__': main()
