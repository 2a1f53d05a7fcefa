// Learning rate × initialization: which training runs survive. The numbers are those of nbs/results/12_factorial.csv, made by
// scripts/make_figures.py: for each initialization and each rate the median accuracy of the runs that learned, in hundredths of a percent,
// and, after a slash, how many did (all, if there is none).
(() => {
'use strict';
const {kit} = miniaiFigures, {fixed} = kit;
// data: begin
const rates = {"1024": [0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12], "128": [0.005, 0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28]};
const data = {
  'GeneralReLU BatchNorm 1024 raw': {n: 10, rows: ['8670 8824 8906 8948 8982 8979 8959 7966/6 /0', '8378 8570 8713 8822 8906 8944 8959 6737/6 /0', '8407 8582 8732 8830 8913 8948 8961 6792/8 /0']},
  'GeneralReLU BatchNorm 1024 standardized': {n: 10, rows: ['8666 8818 8915 8950 8987 8989 8945 6803 /0', '8390 8572 8715 8832 8907 8966 8959 6791/9 /0', '8422 8588 8723 8834 8904 8947 8949 6586/8 /0']},
  'GeneralReLU BatchNorm 128 raw': {n: 10, rows: ['8871 8962 9035 9075 9086 9105 9088 9066 8416/9', '8605 8758 8874 8950 9007 9041 9048 9048 8330', '8620 8758 8873 8946 9006 9036 9052 9043 8496']},
  'GeneralReLU BatchNorm 128 standardized': {n: 10, rows: ['8867 8962 9028 9071 9096 9117 9092 9077 8428', '8606 8758 8869 8956 8994 9046 9044 9045 8404', '8631 8765 8877 8964 9007 9043 9048 9045 8314']},
  'GeneralReLU none 1024 raw': {n: 10, rows: ['7366 7845 8280 8551/7 /0 /0 /0 /0 /0', '8279 8506 8666 8776 8863/4 /0 /0 /0 /0', '8407 8555 8692 8779 8850 8860/2 /0 /0 /0']},
  'GeneralReLU none 1024 standardized': {n: 10, rows: ['7639 8121 8486 8712/8 8882/1 /0 /0 /0 /0', '8400 8584 8726 8826 8905 /0 /0 /0 /0', '8404 8568 8700 8816 8884/9 /0 /0 /0 /0']},
  'GeneralReLU none 128 raw': {n: 10, rows: ['8032 8452 8682 8834 8947 8988 /0 /0 /0', '8562 8708 8822 8896 8965 8970 /0 /0 /0', '8626 8729 8826 8894 8934 8956 /0 /0 /0']},
  'GeneralReLU none 128 standardized': {n: 10, rows: ['8248 8582 8768 8909 9012 9020 /0 /0 /0', '8632 8766 8868 8952 8992 8969 /0 /0 /0', '8612 8740 8832 8914 8962 8948 /0 /0 /0']},
  'ReLU BatchNorm 1024 raw': {n: 10, rows: ['8664 8822 8907 8965 8984 8992 8980 8912 3858/1', '8402 8598 8750 8852 8928 8954 8930 8909 2636/3', '8425 8602 8738 8850 8924 8950 8946 8913 3163/3']},
  'ReLU BatchNorm 1024 standardized': {n: 10, rows: ['8662 8822 8914 8968 8998 8980 8976 8874 3816/4', '8390 8588 8736 8854 8925 8946 8952 8857 3842/2', '8420 8594 8746 8864 8912 8946 8957 8928 3594/4']},
  'ReLU BatchNorm 128 raw': {n: 10, rows: ['8868 8968 9025 9074 9076 9097 9094 9045 8934', '8644 8789 8898 8957 9022 9036 9064 9031 8914', '8656 8798 8898 8984 9018 9043 9072 9040 8907']},
  'ReLU BatchNorm 128 standardized': {n: 10, rows: ['8877 8964 9038 9065 9107 9102 9107 9056 8926', '8632 8786 8900 8985 9016 9057 9056 9032 8908', '8649 8803 8902 8976 9012 9050 9058 9046 8905']},
  'ReLU none 1024 raw': {n: 10, rows: ['7226 7585 7967/9 8009/4 /0 /0 /0 /0 /0', '8191 8374 8497 8602 7984/6 /0 /0 /0 /0', '8349 8489 8635 8710 8774 8754/7 /0 /0 /0']},
  'ReLU none 1024 standardized': {n: 10, rows: ['7589 8023 8226 8282/9 8229/3 7741/1 /0 /0 /0', '8371 8535 8629 8728 8723/8 7861/1 /0 /0 /0', '8422 8558 8670 8774 8803/9 7400/4 /0 /0 /0']},
  'ReLU none 128 raw': {n: 10, rows: ['8039 8460 8670 8796 8882 8911 8758/9 /0 /0', '8530 8670 8778 8864 8920 8934 8789/9 /0 /0', '8579 8705 8804 8878 8913 8950 8822 6352/1 /0']},
  'ReLU none 128 standardized': {n: 10, rows: ['8282 8588 8748 8861 8946 8940 8719/9 /0 /0', '8627 8764 8862 8926 8980 8964 8705/7 6978/1 /0', '8646 8762 8864 8931 8947 8946 8724/8 /0 /0']},
  'balanced BatchNorm 1024 raw': {n: 3, rows: ['8685 8844 8902 8927 8965 8988 8844 /0 /0', '8361 8566 8758 8843 8921 8917 8919 5980/1 /0', '8387 8563 8751 8837 8892 8937 8906 /0 /0']},
  'balanced BatchNorm 1024 standardized': {n: 3, rows: ['8682 8817 8886 8951 8970 8972 8845 /0 /0', '8377 8573 8756 8823 8905 8943 8949 /0 /0', '8418 8597 8750 8845 8902 8931 8895 /0 /0']},
  'balanced BatchNorm 128 raw': {n: 3, rows: ['8882 8977 9020 9088 9092 9092 9080 9053 8142', '8599 8765 8887 8947 9012 9050 9029 9023 8103', '8623 8787 8903 8977 9029 9015 9031 9022 8142']},
  'balanced BatchNorm 128 standardized': {n: 3, rows: ['8872 8950 9045 9083 9074 9104 9090 9033 8171', '8600 8762 8867 8932 8994 9039 9052 9038 7811', '8626 8781 8867 8984 8989 9051 9035 9026 8336']},
  'balanced none 1024 raw': {n: 3, rows: ['6829 7734 8265 8600 /0 /0 /0 /0 /0', '8348 8549 8709 8802 8905/1 /0 /0 /0 /0', '8452 8604 8718 8811 8906 /0 /0 /0 /0']},
  'balanced none 1024 standardized': {n: 3, rows: ['7540 8122 8479 8736/2 /0 /0 /0 /0 /0', '8459 8615 8754 8840 8923 /0 /0 /0 /0', '8479 8611 8731 8863 8919 /0 /0 /0 /0']},
  'balanced none 128 raw': {n: 3, rows: ['7969 8420 8688 8869 8965 8974 /0 /0 /0', '8576 8724 8834 8918 8977 8950 /0 /0 /0', '8654 8746 8832 8908 8963 8942/2 /0 /0 /0']},
  'balanced none 128 standardized': {n: 3, rows: ['8234 8550 8783 8935 9034 8977 /0 /0 /0', '8646 8772 8868 8972 8996 /0 /0 /0 /0', '8656 8776 8883 8950 8986 /0 /0 /0 /0']},
};
// data: end
const inits = ['default', 'Kaiming', 'LSUV'], names = {default: 'PyTorch\'s default', Kaiming: 'Kaiming (He)', LSUV: 'LSUV'};
const read = key => {
  const {n, rows} = data[key];
  return {n, cells: rows.map(row => row.split(' ').map(o => {
    const [median, learned] = o.split('/');
    return {median: median ? median/10000 : NaN, learned: learned === undefined ? n : Number(learned)};
  }))};
};

kit.figure('rate_and_init', 'Learning rate and initialization: which training runs survive', f => {
  const v = f.values;
  let all = false, seen = new Set();
  f.select('act', 'activation', [['ReLU', 'ReLU'], ['GeneralReLU', 'GeneralReLU'], ['balanced', 'GeneralReLU, balanced']], 'ReLU');
  f.select('norm', 'norm layer', [['none', 'none'], ['BatchNorm', 'BatchNorm']], 'none');
  f.select('size', 'batch size', [['128', '128'], ['1024', '1,024']], '128');
  f.select('input', 'input', [['standardized', 'standardized'], ['raw', 'raw']], 'standardized');
  f.slider('at', 'learning rate', {min: 0, max: 8, step: 1, value: 3, show: i => String(rates[v.size][i])});
  const key = () => [v.act, v.norm, v.size, v.input].join(' ');
  const more = f.button('all', '', () => { all = !all; tell(); });
  const words = ({learned, median}, n) => `${learned} of ${n}${learned ? `, median accuracy ${fixed(100*median, 1)} %` : ''}`;
  const tell = () => {
    const {n, cells} = read(key());
    seen.add(v.at);
    f.note('at');
    more.textContent = all ? 'cover the rates' : 'show all rates';
    f.say(`${v.act}, ${v.norm === 'none' ? 'no norm layer' : v.norm}, batches of ${v.size}, ${v.input} input. At a rate of ${rates[v.size][v.at]} these learn: ${inits.map((k, i) => `${names[k]} ${words(cells[i][v.at], n)}`).join('; ')}.`);
  };
  const box = w => ({x: 8, y: 8, w: w - 16, row: 66});
  const plot = f.plot(() => 3*66 + 58, 'a row for each initialization, a column for each learning rate: accuracy, and how many runs learned', (g, w, h, col) => {
    const {n, cells} = read(key()), b = box(w), cell = b.w/9, small = cell < 44;
    g.textBaseline = 'alphabetic';
    inits.forEach((k, i) => {
      const top = b.y + i*b.row;
      g.font = '13px system-ui, sans-serif'; g.textAlign = 'left'; g.fillStyle = col.fg;
      g.fillText(names[k], b.x, top + 14);
      cells[i].forEach(({learned, median}, j) => {
        const x = b.x + j*cell, y = top + 20, hh = b.row - 26;
        g.textAlign = 'center';
        if (!all && !seen.has(j)) {
          g.fillStyle = col.faint; g.fillRect(x + 1, y, cell - 2, hh);
          g.fillStyle = col.muted; g.fillText('?', x + cell/2, y + 25);
          return;
        }
        g.fillStyle = col.faint; g.fillRect(x + 1, y, cell - 2, hh);
        if (learned) {
          g.fillStyle = col.c[0]; g.globalAlpha = 0.1 + 0.5*Math.max(0, Math.min(1, (median - 0.75)/0.17)); g.fillRect(x + 1, y, cell - 2, hh); g.globalAlpha = 1;
        }
        g.fillStyle = col.c[1]; g.fillRect(x + 1, y + hh - 5, (cell - 2)*(1 - learned/n), 5);
        g.fillStyle = col.fg; g.font = `${small ? 12 : 13}px system-ui, sans-serif`;
        g.fillText(learned ? fixed(100*median, small ? 0 : 1) : '–', x + cell/2, y + (learned < n ? 16 : 25));
        g.font = '11px system-ui, sans-serif';
        if (learned < n) g.fillText(`${learned}/${n}`, x + cell/2, y + 31);
      });
    });
    const y = b.y + 3*b.row;
    g.strokeStyle = col.fg; g.lineWidth = 2; g.strokeRect(b.x + v.at*cell, b.y + 17, cell, 3*b.row - 19);
    g.fillStyle = col.fg; g.textAlign = 'center'; g.font = `${small ? 11 : 12}px system-ui, sans-serif`;
    rates[v.size].forEach((o, j) => g.fillText(small ? String(o).replace(/^0\./, '.') : String(o), b.x + (j + 0.5)*cell, y + 14));
    g.font = '12px system-ui, sans-serif';
    g.fillText('largest learning rate of the cycle', b.x + b.w/2, y + 32);
    g.textAlign = 'left'; g.fillStyle = col.muted; g.font = '11px system-ui, sans-serif';
    g.fillText(small ? 'median accuracy, %; orange: runs that failed' : 'median held-out accuracy of the runs that learned, in percent; orange: the fraction that failed', b.x, y + 48);
  }, '100%');
  plot.style.cursor = 'pointer';
  plot.addEventListener('pointerdown', e => {
    const at = Math.floor((e.offsetX - 8)/((plot.clientWidth - 16)/9));
    if (at >= 0 && at < 9) f.set('at', at);
  });
  return {
    change(k) { if (k && k !== 'at') seen = new Set(); tell(); },
    state() {
      const {n, cells} = read(key());
      return {rate: rates[v.size][v.at], rates: rates[v.size], n, all, cells: Object.fromEntries(inits.map((k, i) => [k, cells[i]]))};
    },
  };
});
})();
