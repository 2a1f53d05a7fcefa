// The search page: sections that have all that was asked for, in these or in other words (site/synonyms.txt and the glossary).
const small = new Set('a an and are at be do does for how i in is it its my of on or that the this to was what when where which why with'.split(' '));
const plain = s => s.toLowerCase().replace(/[-‐–_]/g, ' ').replace(/[?!"“”'’.,;:]+(\s|$)/g, ' ').replace(/\s+/g, ' ').trim();
const stem = s => plain(s).split(' ').map(w => w.length > 3 && !small.has(w) ? w.replace(/([^s])s$/, '$1') : w).join(' ');
const key = s => stem(s).split(' ').filter(w => w && !small.has(w)).join(' ');

const groups = new Map(searchSynonyms.flatMap(group => group.map(phrase => [key(phrase), group])));

// A phrase matches from the beginning of a word; a word of up to three letters only as a whole.
const pattern = phrase => new RegExp('(?<![a-z0-9])' + stem(phrase).split(' ')
  .map(w => w.replace(/[.*+?^${}()|[\]\\]/g, '\\$&') + (w.length > 3 ? '' : '(?![a-z0-9])')).join('s?\\s+'), 'g');

// The ideas in a query: the longest phrases that have synonyms first, then the single words that mean something by themselves.
function ideas(query) {
  const words = key(query).split(' ').filter(Boolean), found = [];
  for (let i = 0; i < words.length;) {
    let n = Math.min(6, words.length - i);
    while (n > 1 && !groups.has(words.slice(i, i + n).join(' '))) n--;
    const phrase = words.slice(i, i + n).join(' ');
    const alternates = groups.get(phrase) || [phrase];
    if (phrase !== 'not') found.push({phrase, alternates, stems: alternates.map(stem), patterns: alternates.map(pattern)});
    i += n;
  }
  return found;
}

const count = (text, p) => (text.match(p) || []).length;
const weight = url => /^solutions\//.test(url) ? 0.15 : /^api\//.test(url) ? 0.3 : /^internals\//.test(url) ? 0.5 : 1;

function score(section, wanted) {
  const heading = plain(section.heading), name = heading.replace(/ ?\(.*?\)/, ''), page = plain(section.page), body = plain(section.text), code = plain(section.code);
  const per = wanted.map(({phrase, alternates, stems, patterns}) => {
    const each = patterns.map((p, i) => (30*Math.min(1, count(heading, p)) + 8*Math.min(1, count(page, p)) + Math.min(8, count(body, p))
      + Math.min(1, count(code, p)))*(key(alternates[i]) === phrase ? 1 : 0.8));
    const named = stems.includes(stem(name)) || stems.includes(stem(heading)) ? 100 : 0;
    return Math.max(...each) + named;
  });
  return {has: per.filter(Boolean).length, score: weight(section.url)*per.reduce((a, b) => a + b, 0)};
}

function excerpt(text, wanted) {
  const at = Math.max(0, Math.min(...wanted.flatMap(o => o.patterns).map(p => text.toLowerCase().replace(/[-‐–_]/g, ' ').search(p)).filter(i => i >= 0), text.length) - 80);
  return at >= text.length - 80 ? text.slice(0, 220) : `${at ? '… ' : ''}${text.slice(at, at + 220)} …`;
}

document.addEventListener('DOMContentLoaded', () => {
  const query = new URLSearchParams(location.search).get('q') || '', wanted = ideas(query), hits = document.querySelector('#hits');
  document.querySelectorAll('input[name=q]').forEach(o => o.value = query);
  if (!wanted.length) return;
  document.title = `${query} · search`;
  const all = searchIndex.map(o => ({...o, ...score(o, wanted)}));
  const most = Math.max(...all.map(o => o.has));
  const found = all.filter(o => o.has && o.has === most).sort((a, b) => b.score - a.score).slice(0, 40);
  const others = wanted.flatMap(o => o.alternates.filter(a => key(a) !== o.phrase));
  const say = !found.length ? `Nothing has: ${query}` : most < wanted.length ? `Nothing has all of: ${query}. These have some of it.`
    : others.length ? `Also looked for: ${others.slice(0, 8).join(', ')}` : '';
  hits.append(make('p', {className: 'facts', textContent: say}));
  for (const o of found)
    hits.append(make('div', {className: 'hit'}, make('a', {href: o.url, textContent: o.page === o.heading ? o.page : `${o.page}: ${o.heading}`}), make('p', {textContent: excerpt(o.text, wanted)})));
});
