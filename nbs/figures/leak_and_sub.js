// GeneralReLU by hand: the leak, what is subtracted, the std of the input; the output's mean and std, exactly.
(() => {
'use strict';
const {kit} = miniaiFigures, {fixed} = kit;
// Of leaky_relu(z), z standard normal: mean (1 − a)/√2π, mean square (1 + a²)/2. The output is std·that − sub.
const moments = ({leak, sub, std}) => {
  const mean = (1 - leak)/Math.sqrt(2*Math.PI);
  return {mean: std*mean - sub, std: std*Math.sqrt((1 + leak*leak)/2 - mean*mean)};
};
const balance = leak => {
  const std = 1/moments({leak, sub: 0, std: 1}).std;
  return {std, sub: std*(1 - leak)/Math.sqrt(2*Math.PI)};
};
// The normal distribution function, to seven digits (Abramowitz and Stegun, 7.1.26): for the picture alone.
const below = x => {
  const z = Math.abs(x)/Math.SQRT2, t = 1/(1 + 0.3275911*z);
  const tail = t*(0.254829592 + t*(-0.284496736 + t*(1.421413741 + t*(-1.453152027 + t*1.061405429))))*Math.exp(-z*z)/2;
  return x > 0 ? 1 - tail : tail;
};

kit.figure('leak_and_sub', 'GeneralReLU: sliders for leak, sub and the standard deviation of the input', f => {
  const v = f.values;
  f.slider('leak', 'leak', {min: 0, max: 1, step: 0.01, value: 0});
  f.slider('sub', 'sub', {min: 0, max: 1.5, step: 0.01, value: 0});
  f.slider('std', 'std of the input', {min: 0.5, max: 2.5, step: 0.01, value: 1});
  f.button('relu', 'ReLU', () => { f.set('leak', 0); f.set('sub', 0); f.set('std', 1); });
  f.button('trial', '(0.1, 0.4)', () => { f.set('leak', 0.1); f.set('sub', 0.4); f.set('std', 1); });
  f.button('balanced', 'balanced', () => { const b = balance(v.leak); f.set('sub', b.sub); f.set('std', b.std); });
  const act = x => (x > 0 ? x : v.leak*x) - v.sub;
  f.plot(270, 'the activation: output over input, with the density of the input below', (g, w, h, col) => {
    const box = {x: 30, y: 30, w: w - 42, h: h - 72};
    const {X, Y} = kit.axes(g, col, box, {x: [-4, 4], y: [-2, 4], xlabel: 'input', ylabel: 'output'});
    g.save(); g.beginPath(); g.rect(box.x, box.y, box.w, box.h); g.clip();
    const bell = [];
    for (let x = -4; x <= 4.001; x += 0.05) bell.push([X(x), Y(-2) - box.h*0.45*Math.exp(-((x/v.std)**2)/2)/v.std]);
    g.fillStyle = col.faint; g.beginPath(); g.moveTo(X(-4), Y(-2)); bell.forEach(p => g.lineTo(...p)); g.lineTo(X(4), Y(-2)); g.fill();
    kit.line(g, [[X(-4), Y(0)], [X(4), Y(0)]], col.line, {width: 1});
    kit.line(g, [[X(0), Y(-2)], [X(0), Y(4)]], col.line, {width: 1});
    kit.line(g, [-4, 0, 4].map(x => [X(x), Y(act(x))]), col.c[0], {width: 3});
    g.restore();
    g.fillStyle = col.muted; g.textAlign = 'right'; g.fillText('density of the input', X(4) - 6, Y(-2) - 6);
  });
  f.plot(270, 'histogram of the output, with its mean, its standard deviation, and the mean that is wanted', (g, w, h, col) => {
    const box = {x: 36, y: 30, w: w - 48, h: h - 72}, m = moments(v), bars = [], n = 70;
    const upTo = t => t > -v.sub ? below((t + v.sub)/v.std) : v.leak > 0 ? below((t + v.sub)/(v.leak*v.std)) : 0;
    for (let i = 0; i < n; i++) bars.push(upTo(-3 + 7*(i + 1)/n) - upTo(-3 + 7*i/n));
    const {X, Y} = kit.axes(g, col, box, {x: [-3, 4], y: [0, 0.55], xlabel: 'output', ylabel: 'fraction of the values'});
    g.fillStyle = col.c[0]; g.globalAlpha = 0.55;
    bars.forEach((p, i) => g.fillRect(X(-3 + 7*i/n), Y(p), 7/n*box.w/7 + 0.3, Y(0) - Y(p)));
    g.globalAlpha = 1;
    kit.line(g, [[X(0), Y(0)], [X(0), Y(0.55)]], col.fg, {width: 1, dash: [5, 4]});
    kit.line(g, [[X(m.mean), Y(0)], [X(m.mean), Y(0.55)]], col.c[1]);
    const y = Y(0.44), to = t => Math.max(box.x, Math.min(box.x + box.w, X(t)));
    kit.line(g, [[to(m.mean - m.std), y], [to(m.mean + m.std), y]], col.c[1]);
    for (const s of [-1, 1]) kit.line(g, [[to(m.mean + s*m.std), y - 5], [to(m.mean + s*m.std), y + 5]], col.c[1]);
    g.fillStyle = col.fg; g.textAlign = 'right';
    g.fillText('dashed: wanted mean, 0', box.x + box.w - 6, box.y + 16);
    g.fillText('orange: mean ± std', box.x + box.w - 6, box.y + 32);
  });
  return {
    change() {
      const m = moments(v), done = Math.abs(m.mean) < 0.005 && Math.abs(m.std - 1) < 0.005;
      f.say(`leak ${fixed(v.leak)}, sub ${fixed(v.sub)}, input of std ${fixed(v.std)}: the output has mean ${fixed(m.mean, 3)} and std ${fixed(m.std, 3)}` +
        (done ? ': balanced.' : '. Wanted: 0 and 1.'));
    },
    state: () => ({output: moments(v)}),
  };
});
})();
