// Spectrograms: power in dB of full scale over time and frequency, drawn to a canvas.

const FLOOR = -100;

function tables(size) {
  const cos = new Float32Array(size / 2), sin = new Float32Array(size / 2), window = new Float32Array(size);
  for (let i = 0; i < size / 2; i += 1) [cos[i], sin[i]] = [Math.cos((2 * Math.PI * i) / size), Math.sin((2 * Math.PI * i) / size)];
  for (let i = 0; i < size; i += 1) window[i] = 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / size);
  return { cos, sin, window };
}

/** Fourier transform in place (radix 2). */
function transform(re, im, { cos, sin }) {
  const size = re.length;
  for (let i = 1, j = 0; i < size; i += 1) {
    let bit = size >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i < j) [re[i], re[j], im[i], im[j]] = [re[j], re[i], im[j], im[i]];
  }
  for (let half = 1; half < size; half *= 2) {
    const step = size / (2 * half);
    for (let start = 0; start < size; start += 2 * half) {
      for (let k = 0, place = start; k < half; k += 1, place += 1) {
        const [c, s] = [cos[k * step], sin[k * step]];
        const other = place + half;
        const a = re[other] * c + im[other] * s, b = im[other] * c - re[other] * s;
        re[other] = re[place] - a; im[other] = im[place] - b;
        re[place] += a; im[place] += b;
      }
    }
  }
}

/** The mean of the channels. */
export function mono(buffer) {
  const out = new Float32Array(buffer.length);
  for (let channel = 0; channel < buffer.numberOfChannels; channel += 1) {
    const data = buffer.getChannelData(channel);
    for (let i = 0; i < out.length; i += 1) out[i] += data[i] / buffer.numberOfChannels;
  }
  return out;
}

// Perceptually even, dark to light: stops of the map "magma" of matplotlib.
const STOPS = [[0, 0, 4], [28, 16, 68], [79, 18, 123], [129, 37, 129], [181, 54, 122], [229, 80, 100], [251, 135, 97], [254, 194, 135], [252, 253, 191]];

function colour(share, out, place) {
  const x = Math.min(Math.max(share, 0), 1) * (STOPS.length - 1), low = Math.min(Math.floor(x), STOPS.length - 2), part = x - low;
  for (let c = 0; c < 3; c += 1) out[place + c] = STOPS[low][c] * (1 - part) + STOPS[low + 1][c] * part;
  out[place + 3] = 255;
}

/** Draw the spectrogram of a buffer; the canvas gets as many columns as it is wide. */
export function drawSpectrum(canvas, buffer) {
  const width = Math.max(1, Math.min(1400, Math.round(canvas.clientWidth * devicePixelRatio))), height = 256;
  Object.assign(canvas, { width, height });
  const samples = mono(buffer), size = buffer.sampleRate > 20000 ? 2048 : 1024, known = tables(size);
  const image = new ImageData(width, height), re = new Float32Array(size), im = new Float32Array(size);
  for (let x = 0; x < width; x += 1) {
    const centre = Math.round(((x + 0.5) / width) * samples.length) - size / 2;
    im.fill(0);
    for (let i = 0; i < size; i += 1) re[i] = (samples[centre + i] ?? 0) * known.window[i];
    transform(re, im, known);
    for (let y = 0; y < height; y += 1) {
      const bin = Math.floor(((height - 1 - y) / height) * (size / 2));
      const power = Math.hypot(re[bin], im[bin]) * (4 / size);
      colour(1 - (20 * Math.log10(Math.max(power, 1e-5))) / FLOOR, image.data, 4 * (y * width + x));
    }
  }
  canvas.getContext("2d").putImageData(image, 0, 0);
}

/** Draw the lowest and highest sample of every column. */
export function drawWave(canvas, buffer) {
  const width = Math.max(1, Math.round(canvas.clientWidth * devicePixelRatio)), height = Math.round(96 * devicePixelRatio);
  Object.assign(canvas, { width, height });
  const pen = canvas.getContext("2d"), samples = mono(buffer);
  pen.fillStyle = getComputedStyle(document.documentElement).getPropertyValue("--wave");
  for (let x = 0; x < width; x += 1) {
    const end = Math.max(Math.ceil(((x + 1) / width) * samples.length), 1);
    let low = 1, high = -1;
    for (let i = Math.floor((x / width) * samples.length); i < end; i += 1) {
      if (samples[i] < low) low = samples[i];
      if (samples[i] > high) high = samples[i];
    }
    const top = ((1 - Math.min(high, 1)) / 2) * height, bottom = ((1 - Math.max(low, -1)) / 2) * height;
    pen.fillRect(x, top, 1, Math.max(1, bottom - top));
  }
}
