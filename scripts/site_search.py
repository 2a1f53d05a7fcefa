"""What the site's search looks through: each heading of each page with the text under it, and groups of words that mean the same."""
import html
import json
import re
from pathlib import Path

from course import glossary

table = Path(__file__).resolve().parent/'site'/'synonyms.txt'


def slug(text): return re.sub(r'\W+', '-', re.sub(r'<[^>]+>', '', text)).strip('-')


def text(part): return re.sub(r'\s+', ' ', html.unescape(re.sub(r'<[^>]+>', ' ', part.replace('<wbr>', '')))).replace('¶', '').strip()


signs = dict(zip('sqrt cdot times sigma mu chi lambda pi approx le ge sum infty to'.split(), '√·×σμχλπ≈≤≥∑∞→'))


def without_tex(prose):
    "Formulas as they would be typed: √2 for `\\sqrt2`."
    def typed(m):
        tex = re.sub(r'\\frac\s*\{?([^{}]+)\}?\{([^{}]+)\}', r'\1/\2', m[1] or m[2])
        return re.sub(r'[{}]', '', re.sub(r'\\([A-Za-z]+|.)', lambda o: signs.get(o[1], ''), tex))
    return re.sub(r'\$\$(.+?)\$\$|\$([^$]+)\$', typed, prose)


code_block = r'<div class="[^"]*\bhighlight\b.*?</pre>\s*</div>'


def names(content):
    "The names that the code below a heading uses: one finds a function by them, at a tenth of the length of the code."
    code = ' '.join(text(o) for o in re.findall(code_block, content, re.S))
    return ' '.join(sorted(set(re.findall(r'[A-Za-z_]\w{2,}', code))))


def sections(name, title, body):
    "The entries of one page: headings with the prose below them, and the names in the code. In the glossary each row is one."
    if name=='glossary':
        for id,term,meaning in re.findall(r'<tr id="([^"]*)">\s*<td>(.*?)</td>\s*<td>(.*?)</td>', body, re.S):
            yield dict(url=f'{name}.html#{id}', page=title, heading=text(term), text=text(meaning), code='')
        return
    parts = re.split(r'<h[1-3][^>]*?id="([^"]*)"[^>]*>(.*?)</h[1-3]>', body, flags=re.S)
    for id,heading,content in zip(parts[1::3], parts[2::3], parts[3::3]):
        prose = re.sub(rf'{code_block}|<div class="cell-out">.*?<!-- end -->|<summary>.*?</summary>|<script.*?</script>', ' ', content, flags=re.S)
        yield dict(url=f'{name}.html#{id}', page=title, heading=text(heading), text=without_tex(text(prose)), code=names(content))


def variants(term):
    """The names in a term of the glossary: `Xavier (Glorot) initialization` has two, `exponential moving average (EMA)` as well. What stands in
    brackets is another name if it is one word with a capital or an abbreviation; `residual (of a search)` only says which residual is meant."""
    m = re.fullmatch(r'(.+?) \(([^)]+)\)(.*)', term.replace('`', ''))
    if not m: return []
    before,inside,after = (o.strip() for o in m.groups())
    other = [o.strip() for o in inside.split(',') if len(o.strip()) > 1]
    other = [o for o in other if o[0].isupper() or len(o) < 5 and ' ' not in o or before[0].isupper()]
    return [f'{o} {after}'.strip() for o in [before, *other]] if other else []


def synonyms():
    "Groups of phrases that mean the same, in small letters: those of the glossary's rows and those of site/synonyms.txt, joined where they meet."
    lines = [o.split(',') for o in table.read_text(encoding='utf-8').splitlines() if o and o[0] != '#']
    groups = []
    for line in lines + [variants(t) for t in re.findall(r'^\| \*\*(.+?)\*\*', glossary().text, re.M)]:
        new = {o.strip().lower() for o in line}
        if len(new) < 2: continue
        for old in [g for g in groups if g & new]: groups.remove(old); new |= old
        groups.append(new)
    return [sorted(g) for g in groups]


def write(bodies, path):
    "The index as a script, which also works where a page is opened from a file."
    index = [o for name,(title,body) in bodies.items() for o in sections(name, title, body)]
    dump = lambda o: json.dumps(o, ensure_ascii=False, separators=(',', ':'))
    path.write_text(f'const searchIndex = {dump(index)};\nconst searchSynonyms = {dump(synonyms())};\n', encoding='utf-8')
