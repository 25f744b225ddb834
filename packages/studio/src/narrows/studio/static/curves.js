// Curves over steps, as SVG.
const NS = "http://www.w3.org/2000/svg";
const WIDTH = 460, HEIGHT = 190, LEFT = 52, RIGHT = 8, TOP = 8, BOTTOM = 24;

function svg(name, attributes, ...children) {
  const element = document.createElementNS(NS, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

const short = (value) => (value !== 0 && (Math.abs(value) >= 1e4 || Math.abs(value) < 1e-2) ? value.toExponential(1) : Number(value.toPrecision(3)).toString());

/**
 * @param {string} title of the picture, for those who do not see it
 * @param {{kind: string, points: [number, number][]}[]} lines `kind` is a class: a or b, with val for validation
 */
export function curve(title, lines) {
  const points = lines.flatMap((line) => line.points), values = points.map(([, value]) => value);
  const [first, last] = [Math.min(...points.map(([step]) => step)), Math.max(...points.map(([step]) => step))];
  let [low, high] = [Math.min(...values), Math.max(...values)];
  const logarithmic = low > 0 && high > 20 * low, bend = logarithmic ? Math.log10 : (value) => value;
  if (low === high) [low, high] = [low - Math.abs(low || 1) * 0.1, high + Math.abs(high || 1) * 0.1];
  const x = (step) => LEFT + ((WIDTH - LEFT - RIGHT) * (step - first)) / Math.max(1, last - first);
  const y = (value) => TOP + ((HEIGHT - TOP - BOTTOM) * (bend(high) - bend(value))) / (bend(high) - bend(low));
  const marks = [0, 0.5, 1].map((share) => (logarithmic ? 10 ** (bend(low) + share * (bend(high) - bend(low))) : low + share * (high - low)));
  const picture = svg("svg", { class: "curve", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": `${title}: last value ${short(values.at(-1))}` });
  for (const mark of marks) {
    picture.append(svg("line", { class: "grid", x1: LEFT, x2: WIDTH - RIGHT, y1: y(mark), y2: y(mark) }), svg("text", { x: LEFT - 6, y: y(mark) + 4, "text-anchor": "end" }, short(mark)));
  }
  picture.append(svg("text", { x: LEFT, y: HEIGHT - 6 }, String(first)), svg("text", { x: WIDTH - RIGHT, y: HEIGHT - 6, "text-anchor": "end" }, String(last)));
  for (const { kind, points: own } of lines) {
    if (!own.length) continue;
    const thin = thinned(own), path = thin.map(([step, value], index) => `${index ? "L" : "M"}${x(step).toFixed(1)} ${y(value).toFixed(1)}`).join("");
    picture.append(svg("path", { class: kind, d: own.length === 1 ? `${path}h0.1` : path, "stroke-linecap": "round" }));
  }
  return picture;
}

/** At most as many points as there are pixels. */
function thinned(points) {
  const step = Math.ceil(points.length / WIDTH);
  return step < 2 ? points : points.filter((point, index) => index % step === 0 || index === points.length - 1);
}
