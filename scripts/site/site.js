// Mathematics on every page, and the search page. Nothing is loaded from a network.
document.addEventListener('DOMContentLoaded', () => {
  renderMathInElement(document.querySelector('main'), {
    delimiters: [{left: '$$', right: '$$', display: true}, {left: '$', right: '$', display: false}],
    throwOnError: false,
  });
  const hits = document.querySelector('#hits');
  if (!hits) return;
  const query = new URLSearchParams(location.search).get('q') || '';
  document.querySelectorAll('input[name=q]').forEach(o => o.value = query);
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  if (!words.length) return;
  // A section counts if it has all words. First comes one of that very name, then those with a word in the heading, then by how often.
  const count = (text, w) => text.toLowerCase().split(w).length - 1;
  const found = searchIndex.map(o => {
    const per = words.map(w => 20*count(o.heading, w) + count(o.text, w));
    const named = o.heading.toLowerCase() === query.trim().toLowerCase() ? 1e6 : 0;
    return {...o, score: Math.min(...per) && named + per.reduce((a, b) => a + b)};
  }).filter(o => o.score).sort((a, b) => b.score - a.score).slice(0, 40);
  hits.append(Object.assign(document.createElement('p'), {textContent: found.length ? '' : `Nothing has all of: ${words.join(', ')}`}));
  for (const o of found) {
    const div = Object.assign(document.createElement('div'), {className: 'hit'});
    div.append(Object.assign(document.createElement('a'), {href: o.url, textContent: `${o.page}: ${o.heading}`}));
    const at = Math.max(0, o.text.toLowerCase().indexOf(words[0]) - 80);
    div.append(Object.assign(document.createElement('p'), {textContent: '… ' + o.text.slice(at, at + 220) + ' …'}));
    hits.append(div);
  }
});
