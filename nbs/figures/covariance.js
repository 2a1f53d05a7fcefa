// Covariance as the mean of signed rectangles, with points to drag.
(() => {
'use strict';
const {kit} = miniaiFigures, {fixed} = kit, limit = 3, n = 12;
const clouds = {
  related: i => { const x = r.normal(); return [x, 0.8*x + 0.6*r.normal()]; },
  unrelated: () => [r.normal(), r.normal()],
  outlier: i => i ? [0.5*r.normal() - 1, 0.5*r.normal() - 1] : [2.8, 2.8],
  square: i => { const x = -2.2 + 4.4*i/(n - 1); return [x, 0.9*x*x - 1.6]; },
};
let r;
const measure = points => {
  const mx = points.reduce((s, p) => s + p[0], 0)/n, my = points.reduce((s, p) => s + p[1], 0)/n;
  let plus = 0, less = 0, vx = 0, vy = 0;
  for (const [x, y] of points) {
    const a = (x - mx)*(y - my);
    if (a > 0) plus += a; else less -= a;
    vx += (x - mx)**2; vy += (y - my)**2;
  }
  return {mx, my, plus, less, covariance: (plus - less)/n, r: (plus - less)/Math.sqrt(vx*vy)};
};

kit.figure('covariance', 'Covariance: points to drag, and the rectangles between each point and the mean', f => {
  const points = [], dots = [];
  const clamp = v => Math.max(-limit, Math.min(limit, Math.round(v*1000)/1000));
  const cloud = (kind, seed) => {
    r = kit.random(seed);
    for (let i = 0; i < n; i++) points[i] = clouds[kind](i).map(clamp);
    update();
  };
  for (const [k, text, seed] of [['related', 'y partly x', 7], ['unrelated', 'y without x', 21], ['outlier', 'one outlier', 3], ['square', 'y from x²', 1]])
    f.button(k, text, () => cloud(k, seed));
  const box = (w, h) => ({x: 34, y: 30, w: w - 46, h: h - 72});
  const plot = f.plot(w => Math.min(440, Math.max(300, w*0.72)), 'points, and a rectangle from each to the crossing of the two means; the numbers are below', (g, w, h, col) => {
    const b = box(w, h), m = measure(points);
    const {X, Y} = kit.axes(g, col, b, {x: [-limit, limit], y: [-limit, limit], xlabel: 'x', ylabel: 'y'});
    for (const [x, y] of points) {
      const plus = (x - m.mx)*(y - m.my) > 0;
      g.fillStyle = col.c[plus ? 0 : 1]; g.globalAlpha = 0.25;
      g.fillRect(X(m.mx), Y(m.my), X(x) - X(m.mx), Y(y) - Y(m.my));
      g.globalAlpha = 0.7; g.strokeStyle = g.fillStyle; g.lineWidth = 1; g.setLineDash(plus ? [] : [3, 3]);
      g.strokeRect(X(m.mx), Y(m.my), X(x) - X(m.mx), Y(y) - Y(m.my)); g.setLineDash([]);
    }
    g.globalAlpha = 1;
    kit.line(g, [[X(m.mx), b.y], [X(m.mx), b.y + b.h]], col.fg, {width: 1});
    kit.line(g, [[b.x, Y(m.my)], [b.x + b.w, Y(m.my)]], col.fg, {width: 1});
    g.fillStyle = col.fg; g.textAlign = 'left';
    g.fillText('mean of x', Math.min(X(m.mx) + 5, b.x + b.w - 60), b.y + b.h - 6);
    g.textAlign = 'right'; g.fillText('mean of y', b.x + b.w - 5, Y(m.my) - 5);
    dots.forEach((o, i) => { o.style.left = `${X(points[i][0])}px`; o.style.top = `${Y(points[i][1])}px`; o.style.setProperty('--dot', col.fg); });
  }, '100%');
  plot.append(kit.make('style', {}, `#covariance .dot { position: absolute; width: 30px; height: 30px; margin: -15px 0 0 -15px; padding: 0; border: 0;
    border-radius: 50%; background: radial-gradient(circle, var(--dot) 5px, transparent 6px); cursor: grab; touch-action: none; }
    #covariance .dot:active { cursor: grabbing; }`));
  const move = (i, x, y) => { points[i] = [clamp(x), clamp(y)]; update(); f.redraw(); };
  for (let i = 0; i < n; i++) {
    const o = kit.make('button', {type: 'button', className: 'dot'});
    let from;
    o.addEventListener('pointerdown', e => { from = [e.clientX, e.clientY, ...points[i]]; o.setPointerCapture(e.pointerId); });
    o.addEventListener('pointermove', e => {
      if (!from) return;
      const b = box(plot.clientWidth, plot.clientHeight);
      move(i, from[2] + (e.clientX - from[0])/b.w*2*limit, from[3] - (e.clientY - from[1])/b.h*2*limit);
    });
    for (const k of ['pointerup', 'pointercancel']) o.addEventListener(k, () => { from = null; });
    o.addEventListener('keydown', e => {
      const d = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1]}[e.key], step = e.shiftKey ? 0.5 : 0.1;
      if (!d) return;
      e.preventDefault();
      move(i, points[i][0] + d[0]*step, points[i][1] + d[1]*step);
    });
    dots.push(o); plot.append(o);
  }
  const update = () => {
    const m = measure(points);
    dots.forEach((o, i) => o.setAttribute('aria-label', `point ${i + 1} of ${n}, x ${fixed(points[i][0])}, y ${fixed(points[i][1])}; the arrow keys move it`));
    f.say(`Blue (full edges) ${fixed(m.plus, 1)} less orange (dashed) ${fixed(m.less, 1)}, by ${n} points: covariance ${fixed(m.covariance)}, correlation r = ${fixed(m.r)}.`);
  };
  cloud('related', 7);
  for (let i = 0; i < n; i++) f.setter(i, v => move(i, ...v));
  return {state: () => { const m = measure(points); return {points: points.map(p => [...p]), covariance: m.covariance, r: m.r}; }};
});
})();
