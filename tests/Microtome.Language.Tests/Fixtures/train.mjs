// Records the merges and vocabularies that Hugging Face's own trainers (npm tokenizers 0.23.2) find on a text, with their defaults (no minimum, 30,000 tokens).
// usage: node train.mjs text.txt OUT
import fs from 'node:fs'; import zlib from 'node:zlib'; import { createRequire } from 'node:module';
const require = createRequire(import.meta.url); const T = require('tokenizers');
const [text, out] = process.argv.slice(2);
function train(model, pre, norm) { const tk = new T.Tokenizer(model); if (norm) tk.setNormalizer(norm); tk.setPreTokenizer(pre); tk.train([text]); const f = `${out}/trained.tmp.json`; tk.save(f, false); return JSON.parse(fs.readFileSync(f, 'utf8')).model; }
const b = train(T.BPE.empty(), T.byteLevelPreTokenizer(false, true));
fs.writeFileSync(`${out}/trained-bpe.json.gz`, zlib.gzipSync(JSON.stringify({ vocab: b.vocab, merges: b.merges }), { level: 9 }));
console.log('bpe', Object.keys(b.vocab).length, b.merges.length, JSON.stringify(b.merges.slice(0, 5)));
const w = train(T.WordPiece.empty(), T.bertPreTokenizer(), T.bertNormalizer({}));
fs.writeFileSync(`${out}/trained-wordpiece.json.gz`, zlib.gzipSync(JSON.stringify({ vocab: w.vocab }), { level: 9 }));
console.log('wordpiece', Object.keys(w.vocab).length);
