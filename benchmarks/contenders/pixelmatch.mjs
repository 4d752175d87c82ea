// pixelmatch on pictures that sharp decodes, both at once; without sharp, pngjs does.
// Speaks with benchmarks/contenders/children.py as benchmarks/worker.py does.

import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import readline from "node:readline";

const [peers, task] = process.argv.slice(2);
const require = createRequire(path.join(peers, "package.json"));
const { default: pixelmatch } = await import(require.resolve("pixelmatch"));

const decoders = {
  sharp: () => {
    const sharp = require("sharp");
    return {
      decode: async (content) => {
        const { data, info } = await sharp(content).ensureAlpha().raw().toBuffer({ resolveWithObject: true });
        return { data, width: info.width, height: info.height };
      },
      encode: (data, width, height) =>
        sharp(data, { raw: { width, height, channels: 4 } }).png({ compressionLevel: 1 }).toBuffer(),
    };
  },
  pngjs: () => {
    const { PNG } = require("pngjs");
    return {
      decode: (content) => PNG.sync.read(content),
      encode: (data, width, height) => PNG.sync.write({ data, width, height }),
    };
  },
};

function loadDecoder() {
  try {
    return decoders.sharp();
  } catch {
    return decoders.pngjs();
  }
}

const { decode, encode } = loadDecoder();

async function compare(content1, content2) {
  const [picture1, picture2] = await Promise.all([decode(content1), decode(content2)]);
  const { width, height } = picture1;
  const mask = new Uint8Array(width * height * 4);
  const options = { threshold: 0.1, includeAA: task !== "antialiasing", diffMask: true };
  const diffPixels = pixelmatch(picture1.data, picture2.data, mask, width, height, options);
  return { png: await encode(mask, width, height), diffPixels };
}

async function answer({ image1, image2, output }) {
  const contents = [fs.readFileSync(image1), fs.readFileSync(image2)];
  const cpuBefore = process.cpuUsage();
  const startedAt = performance.now();
  const { png, diffPixels } = await compare(...contents);
  const seconds = (performance.now() - startedAt) / 1000;
  const cpu = process.cpuUsage(cpuBefore);
  fs.writeFileSync(output, png);
  return { seconds, cpu_seconds: (cpu.user + cpu.system) / 1e6, diff_pixels: diffPixels };
}

console.log(JSON.stringify({ ready: true }));
for await (const line of readline.createInterface({ input: process.stdin })) {
  try {
    console.log(JSON.stringify(await answer(JSON.parse(line))));
  } catch (error) {
    console.log(JSON.stringify({ error: String(error) }));
  }
}
