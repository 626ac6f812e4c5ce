// Records what Hugging Face's `tokenizers` (npm 0.23.2) makes of every code point alone: GPT-2's kinds, BERT's cleaning (lower case, accents stripped) and punctuation.
// usage: node classes.mjs OUT
import fs from 'node:fs'; import zlib from 'node:zlib'; import { createRequire } from 'node:module';
const require = createRequire(import.meta.url); const T = require('tokenizers');
const bl = T.byteLevelPreTokenizer(false, true), bn = T.bertNormalizer({ cleanText: true, handleChineseChars: true, lowercase: true }), bp = T.bertPreTokenizer(), nfc = T.nfcNormalizer(), nfd = T.nfdNormalizer();
const runs = { gpt2: [], bert: [], punctuation: [], nfc: [], nfd: [] };
function add(name, cp, v) { const r = runs[name], l = r[r.length - 1]; if (l && l[2] === v && l[1] === cp - 1) l[1] = cp; else r.push([cp, cp, v]); }
const hex = s => [...s].map(c => c.codePointAt(0).toString(16)).join(' ');
for (let cp = 0; cp < 0x110000; cp++) {
  if (cp >= 0xd800 && cp < 0xe000 || cp > 0xac10 && cp < 0xd790) continue; // no surrogates, few of the Hangul syllables
  const c = String.fromCodePoint(cp);
  // Beside a letter, a digit and a mark: it joins its own kind.
  const joins = o => bl.preTokenizeString(o + c).length === 1;
  add('gpt2', cp, joins('a') ? 'letter' : joins('1') ? 'number' : joins('#') ? 'other' : 'space');
  const n = bn.normalizeString('x' + c + 'x').slice(1, -1);
  add('bert', cp, n === c ? 'same' : n === '' ? 'removed' : n === ' ' ? 'space' : n === ' ' + c + ' ' ? 'alone' : hex(n));
  add('punctuation', cp, bp.preTokenizeString('x' + c + 'x').length === 3 ? 'yes' : 'no');
  const f = nfc.normalizeString(c); add('nfc', cp, f === c ? 'same' : hex(f));
  const d = nfd.normalizeString(c); add('nfd', cp, d === c ? 'same' : hex(d));
}
fs.writeFileSync(`${process.argv[2]}/code-points.json.gz`, zlib.gzipSync(JSON.stringify(runs), { level: 9 }));
for (const k in runs) console.log(k, runs[k].length);
