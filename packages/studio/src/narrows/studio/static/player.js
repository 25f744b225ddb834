// One player for several versions of a sound. All of them run at once on the clock of the audio context, and only one is
// let through: switching changes gains, so no version loses its place by a single sample.

const FADE = 0.004; // seconds; short enough to compare, long enough not to click

export class Player extends EventTarget {
  /** @param {AudioContext} context */
  constructor(context) {
    super();
    this.context = context;
    this.versions = new Map(); // name -> { buffer, gain (linear) }
    this.selected = null;
    this.playing = false;
    this.offset = 0; // where it stands, in seconds, while it does not play
    this.loop = null; // [start, end] in seconds
    this.matched = false;
    this.sources = [];
    this.output = context.createGain();
    this.output.connect(context.destination);
  }

  get duration() {
    return Math.max(0, ...[...this.versions.values()].map((version) => version.buffer.duration));
  }

  /** Where it is, in seconds. */
  get position() {
    if (!this.playing) return this.offset;
    const passed = Math.max(0, this.context.currentTime - this.began);
    const place = this.from + passed;
    if (this.loop && this.looping && place >= this.loop[1]) {
      const [start, end] = this.loop;
      return start + ((place - start) % (end - start));
    }
    return Math.min(place, this.duration);
  }

  add(name, buffer, gain = 1) {
    this.versions.set(name, { buffer, gain });
    this.selected ??= name;
  }

  level(name) {
    const { gain } = this.versions.get(name);
    if (!this.matched) return 1;
    // All versions together are turned down where one would clip.
    return gain / Math.max(1, ...[...this.versions.values()].map((version) => version.gain));
  }

  async play() {
    if (this.playing || !this.versions.size) return;
    await this.context.resume();
    if (this.offset >= this.duration - 1e-3) this.offset = 0;
    const start = this.context.currentTime + 0.03;
    this.looping = Boolean(this.loop) && this.offset < this.loop[1];
    this.sources = [...this.versions].map(([name, { buffer }]) => {
      const source = new AudioBufferSourceNode(this.context, { buffer });
      if (this.looping) Object.assign(source, { loop: true, loopStart: this.loop[0], loopEnd: this.loop[1] });
      const gain = this.context.createGain();
      gain.gain.value = name === this.selected ? this.level(name) : 0;
      source.connect(gain).connect(this.output);
      source.start(start, this.offset);
      return { name, source, gain };
    });
    this.began = start;
    this.from = this.offset;
    this.playing = true;
    this.sources[0].source.onended = () => this.playing && this.position >= this.duration - 0.02 && this.#stop(0);
    this.changed();
  }

  pause() {
    if (this.playing) this.#stop(this.position);
  }

  toggle() {
    return this.playing ? this.pause() : this.play();
  }

  #stop(offset) {
    for (const { source, gain } of this.sources) {
      source.onended = null;
      gain.gain.setTargetAtTime(0, this.context.currentTime, FADE / 3);
      source.stop(this.context.currentTime + FADE * 3);
    }
    this.sources = [];
    this.playing = false;
    this.offset = offset;
    this.changed();
  }

  select(name) {
    if (!this.versions.has(name)) return;
    this.selected = name;
    this.#fade();
    this.changed();
  }

  match(on) {
    this.matched = on;
    this.#fade();
    this.changed();
  }

  #fade() {
    const now = this.context.currentTime;
    for (const { name, gain } of this.sources) {
      gain.gain.cancelScheduledValues(now);
      gain.gain.setTargetAtTime(name === this.selected ? this.level(name) : 0, now, FADE / 3);
    }
  }

  seek(place) {
    this.#restart(() => {
      this.offset = Math.min(Math.max(0, place), this.duration);
    });
  }

  setLoop(region) {
    this.#restart(() => {
      this.loop = region;
      if (region && (this.offset < region[0] || this.offset >= region[1])) this.offset = region[0];
    });
  }

  #restart(change) {
    const playing = this.playing;
    if (playing) this.#stop(this.position);
    change();
    if (playing) this.play();
    else this.changed();
  }

  changed() {
    this.dispatchEvent(new Event("change"));
  }

  close() {
    if (this.playing) this.#stop(0);
    this.output.disconnect();
  }
}

/** A context at the rate of a sound, so that nothing is resampled; the usual one where the browser cannot. */
export function contextFor(rate) {
  try {
    return new AudioContext({ sampleRate: rate });
  } catch {
    return new AudioContext();
  }
}

/** The buffer of the largest samples among some, the same in whatever order they come. */
export function outline(context, buffers) {
  const made = context.createBuffer(1, Math.max(...buffers.map((one) => one.length)), buffers[0].sampleRate), out = made.getChannelData(0);
  for (const buffer of buffers) {
    for (let channel = 0; channel < buffer.numberOfChannels; channel += 1) {
      // Of two as large, the positive one, so that the order does not matter.
      buffer.getChannelData(channel).forEach((value, i) => {
        if (Math.abs(value) > Math.abs(out[i])) out[i] = value;
        else if (value === -out[i]) out[i] = Math.abs(value);
      });
    }
  }
  return made;
}

/** The buffer of what a codec lost and added: second minus first. */
export function difference(context, first, second) {
  const length = Math.max(1, Math.min(first.length, second.length));
  const channels = Math.min(first.numberOfChannels, second.numberOfChannels);
  const made = context.createBuffer(channels, length, first.sampleRate);
  for (let channel = 0; channel < channels; channel += 1) {
    const [a, b, out] = [first.getChannelData(channel), second.getChannelData(channel), made.getChannelData(channel)];
    for (let i = 0; i < length; i += 1) out[i] = b[i] - a[i];
  }
  return made;
}
