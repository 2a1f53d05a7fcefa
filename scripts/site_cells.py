"""A notebook's cells as HTML, for scripts/make_site.py and, as far as Quarto has no means of its own, for scripts/process_docs.py."""
import ast
import html
import json
import re

from nbconvert.filters import Highlight2HTML, markdown2html

from make_frame import end, install
from site_pictures import no_alt, title

highlight = Highlight2HTML(pygments_lexer='ipython3')
long,shown = 25,12  # lines of output from which it is folded, and lines that are seen all the same
fits = 110  # characters of a line that the page has room for on a desktop


def hidden(cell): return cell['id']==install or re.search(r'^#\|\s*(hide\b|include:\s*false)', cell.source, re.M)


def is_exported(cell): return bool(re.search(r'^#\|\s*exporti?\b', cell.source, re.M))


def fig_alt(cell):
    'What `#| fig-alt: "…"` says about the pictures of a cell; `None` if it says nothing.'
    found = re.search(r'^#\|\s*fig-alt:\s*(.+?)\s*$', cell.source, re.M)
    if not found: return None
    text = found[1]
    if text[0]=='"':
        try: return json.loads(text)
        except ValueError: pass
    return text.strip('"\'').replace("''", "'")


def alt_text(cell):
    "The alt text of a cell's pictures: what the cell says, or what a drawing says about itself; `None` if neither does."
    return fig_alt(cell) or next(filter(None, (title(o.get('data', {})) for o in cell.get('outputs', []))), None)


def signature(source):
    "What a cell defines, in a line: `def conv(ni, nf, ks=3)`, the names if it is several things, `imports`, or how it begins."
    try: tree = ast.parse(source).body
    except SyntaxError: tree = []
    defs = [o for o in tree if isinstance(o, (ast.FunctionDef, ast.ClassDef))]
    named = [t.id for o in tree if isinstance(o, ast.Assign) for t in o.targets if isinstance(t, ast.Name)]
    if len(defs) > 1: return ', '.join(o.name for o in defs)
    if not defs:
        if tree and all(isinstance(o, (ast.Import, ast.ImportFrom)) for o in tree): return 'imports'
        return ', '.join(named) or source.strip().split('\n')[0]
    o = defs[0]
    if isinstance(o, ast.ClassDef): return f'class {o.name}' + (f'({", ".join(map(ast.unparse, o.bases))})' if o.bases else '')
    for a in [*o.args.posonlyargs, *o.args.args, *o.args.kwonlyargs, o.args.vararg, o.args.kwarg]:
        if a: a.annotation = None
    return f'def {o.name}({ast.unparse(o.args)})'


def folded(name):
    "Whether code that goes into the package is folded at first: only its imports, which tell the reader nothing."
    return name=='imports'


def wrapped(lines):
    "Lines of text as HTML. Sentences may be broken where the page ends; columns, which are at least two spaces apart, stay what they are."
    gaps = [len(re.findall(r'\S {2,}(?=\S)', o)) for o in lines]
    columns = [n > 1 or n==1 and len(o) <= fits for n,o in zip(gaps, lines)]
    def line(o, column):
        text = html.escape(o)
        return f'<span class="wrap">{text}</span>' if not column and (len(o) > fits or not any(columns)) else text
    return '\n'.join(map(line, lines, columns))


def text_output(text):
    "Plain text; what is long shows how it begins, and the rest on a click."
    lines = text.rstrip('\n').split('\n')
    if len(lines) <= long: return f'<pre>{wrapped(lines)}</pre>'
    first,rest = (wrapped(o) for o in (lines[:shown], lines[shown:]))
    return f'<pre>{first}</pre><details class="more"><summary>{len(lines) - shown} more lines</summary><pre>{rest}</pre></details>'


def plain(o):
    "The text of an output that is nothing but text; `None` for what is richer."
    if o['output_type']=='stream': return ''.join(o['text'])
    if o['output_type']=='error': return f'{o["ename"]}: {o["evalue"]}'
    data = o.get('data', {})
    return ''.join(data.get('text/plain', '')) if not {'image/svg+xml', 'image/png', 'text/html', 'text/markdown'} & set(data) else None


def joined(outputs):
    "Outputs in which what was printed piece by piece is one again: a pause between two pieces says nothing, and would break a table."
    done = []
    for o in outputs:
        if done and o['output_type']=='stream'==done[-1]['output_type'] and o['name']==done[-1]['name']:
            done[-1] = {**done[-1], 'text': ''.join(done[-1]['text']) + ''.join(o['text'])}
        else: done.append(o)
    return done


def output(o, pictures, alt, more):
    "One saved output as HTML: the richest form that a page can show."
    if (text := plain(o)) is not None: return text_output(text)
    data = o['data']
    if 'image/svg+xml' in data or 'image/png' in data: return pictures.output(o, alt, more)
    if 'text/html' in data: return ''.join(data['text/html'])
    return markdown2html(''.join(data['text/markdown']))


def code_cell(c, pictures, section='', guess=False):
    "Code and what it gave; after a question the answer waits for a click. What goes into the package can be folded to its signature."
    source = re.sub(r'^#\|.*\n?', '', c.source, flags=re.M).strip('\n')
    if not source: return ''
    code = highlight(source)
    if is_exported(c):
        name = signature(source)
        code = (f'<details class="package"{"" if folded(name) else " open"}><summary>goes into the package<code>{html.escape(name)}</code></summary>'
                f'{code}</details>')
    alt = alt_text(c)
    more = '' if alt else no_alt
    outs = ''.join(output(o, pictures, alt or f'Plot in the section “{section}”', more) for o in joined(c.get('outputs', [])))
    if outs: outs = f'<div class="cell-out">{outs}</div><!-- end -->'
    if outs and guess: outs = f'<details class="guess"><summary>Your prediction first. Then look.</summary>{outs}</details>'
    return code + outs


def no_neighbours(cell):
    "The links at the end without those to the pages before and after, which the site shows with their titles."
    return ' · '.join(o for o in cell.source.split(' · ') if not re.search(r'^\[←|→\]\(', o)) if cell['id']==end else cell.source


def text_cell(c):
    "Markdown, also inside the div of a figure that moves, where it stands on one line."
    source = re.sub(r'(<div class="moving"[^>]*>)\s*!\[(.*?)\]\((.*?)\)\s*(</div>)',
                    lambda m: f'{m[1]}<img src="{m[3]}" alt="{html.escape(m[2])}">{m[4]}', no_neighbours(c), flags=re.S)
    # Moments of a picture that moves are for those who cannot see it move, and wait for a click.
    moments = r'(<p><img\b[^>]*src="([^"]*)\.gif"[^>]*></p>)\s*<p>(<img\b[^>]*src="\2\.png"[^>]*>)</p>'
    body = re.sub(moments, r'\1<details class="more"><summary>moments of it, standing still</summary><p>\3</p></details>', markdown2html(source))
    return breakable(body)


def breakable(body):
    "Where a narrow table may break a name, and where nothing may break a line: between a number and its %."
    def name(m): return m[1] + re.sub(r'(?<=[A-Za-z0-9)])([_.(/,=]+)(?=\w)|(?<=[a-z])(?=[A-Z])', r'\1<wbr>', m[2]) + m[3]
    body = re.sub(r'<td\b.*?</td>', lambda m: re.sub(r'(<code>)(.*?)(</code>)', name, m[0], flags=re.S), body, flags=re.S)
    return ''.join(o if o.startswith(('<pre', '<code', '<')) else re.sub(r'(?<=\d) (?=%)', '\u00a0', o)
                   for o in re.split(r'(<pre\b.*?</pre>|<code\b.*?</code>|<[^>]+>|\$[^$]+\$)', body, flags=re.S))


def notebook(page, pictures):
    "The body of a page."
    cells = [c for c in page.nb.cells if c.source and not hidden(c)]
    parts,section,asked = [], page.title, False
    for c in cells:
        if c.cell_type=='markdown':
            parts.append(text_cell(c))
            section = (re.findall(r'^#+ (.+)', c.source, re.M) or [section])[-1]
        elif c.cell_type=='code': parts.append(code_cell(c, pictures, re.sub(r'[`*]', '', section), asked))
        asked = c.cell_type=='markdown' and '**Predict' in c.source.split('\n\n')[-1]
    return pictures.in_text('\n'.join(parts))
