// Records ids, offsets and decoded text of Hugging Face's own `tokenizers` (npm, 0.23.2; the Rust library).
// usage: node record.mjs bert-base-uncased-vocab.txt encoder.json vocab.bpe OUT
import fs from 'node:fs'; import zlib from 'node:zlib'; import { createRequire } from 'node:module';
const require = createRequire(import.meta.url); const T = require('tokenizers');
import strings from './strings.mjs';
const [vocab, encoder, bpe, out] = process.argv.slice(2);
fs.mkdirSync(out, { recursive: true });
async function rec(name, tk, extra = {}) {
  const rows = [];
  for (const text of strings) {
    const e = await tk.encode(text, null, { addSpecialTokens: extra.special ?? false });
    const ids = e.getIds();
    rows.push({ text, ids, offsets: e.getOffsets().flat(), decoded: await tk.decode(ids, false) });
  }
  fs.writeFileSync(`${out}/${name}.json.gz`, zlib.gzipSync(JSON.stringify(rows), { level: 9 }));
  console.log(name, rows.length);
}
const added = s => new T.AddedToken(s, true, { normalized: false });
async function bert(lower, strip) {
  const m = await T.WordPiece.fromFile(vocab, { unkToken: '[UNK]', continuingSubwordPrefix: '##', maxInputCharsPerWord: 100 });
  const tk = new T.Tokenizer(m);
  tk.setNormalizer(T.bertNormalizer({ cleanText: true, handleChineseChars: true, stripAccents: strip, lowercase: lower }));
  tk.setPreTokenizer(T.bertPreTokenizer()); tk.setDecoder(T.wordPieceDecoder('##', true));
  tk.setPostProcessor(T.templateProcessing('[CLS] $A [SEP]', '[CLS] $A [SEP] $B:1 [SEP]:1', [['[CLS]', 101], ['[SEP]', 102]]));
  tk.addSpecialTokens(['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]']);
  return tk;
}
const b = await bert(true, undefined); await rec('bert-uncased', b, { special: true });
await rec('bert-keep-case', await bert(false, false));
await rec('bert-lower-keep-accents', await bert(true, false));
{ // pairs
  const rows = []; for (let i = 0; i + 1 < 60; i += 2) { const e = await b.encode(strings[i + 10], strings[i + 11]); rows.push({ a: strings[i + 10], b: strings[i + 11], ids: e.getIds(), types: e.getTypeIds() }); }
  fs.writeFileSync(`${out}/bert-pairs.json.gz`, zlib.gzipSync(JSON.stringify(rows), { level: 9 }));
}
// GPT-2 through tokenizer.json, as it has a ByteLevel decoder there.
const vocabJson = JSON.parse(fs.readFileSync(encoder, 'utf8'));
const merges = fs.readFileSync(bpe, 'utf8').split('\n').filter((l, i) => l && i > 0);
const base = { version: '1.0', truncation: null, padding: null, added_tokens: [{ id: 50256, content: '<|endoftext|>', single_word: false, lstrip: false, rstrip: false, normalized: false, special: true }], normalizer: null,
  pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true }, post_processor: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: false, use_regex: true },
  decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true }, model: { type: 'BPE', dropout: null, unk_token: null, continuing_subword_prefix: '', end_of_word_suffix: '', fuse_unk: false, vocab: vocabJson, merges } };
await rec('gpt2', T.Tokenizer.fromString(JSON.stringify(base)));
// The same with a prefix space and trimmed offsets (RoBERTa's way).
await rec('gpt2-prefix-trim', T.Tokenizer.fromString(JSON.stringify({ ...base, pre_tokenizer: { ...base.pre_tokenizer, add_prefix_space: true }, post_processor: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true } })));
// Llama 3's cutting over the same vocabulary.
const llama3 = "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
await rec('gpt2-llama3-words', T.Tokenizer.fromString(JSON.stringify({ ...base, pre_tokenizer: { type: 'Sequence', pretokenizers: [{ type: 'Split', pattern: { Regex: llama3 }, behavior: 'Isolated', invert: false }, { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: false }] }, model: { ...base.model, ignore_merges: true } })));
// Small vocabularies of Llama 2's and Gemma's form: characters with byte fallback. Their merges are learnt from the strings by hand here: a greedy pair count.
const chars = [...new Set([...strings.slice(0, 25).join(''), '▁'])].filter(c => c >= ' ' && c !== ' ').sort();
const v = {}; for (const t of ['<unk>', '<s>', '</s>']) v[t] = Object.keys(v).length; for (let i = 0; i < 256; i++) v[`<0x${i.toString(16).toUpperCase().padStart(2, '0')}>`] = Object.keys(v).length;
for (const c of chars) v[c] ??= Object.keys(v).length;
let words = strings.map(t => [...('▁' + t.replaceAll(' ', '▁'))]); const small = [];
for (let k = 0; k < 400; k++) { const n = new Map(); for (const w of words) for (let i = 0; i + 1 < w.length; i++) { if (v[w[i]] === undefined || v[w[i + 1]] === undefined) continue; const p = w[i] + ' ' + w[i + 1]; n.set(p, (n.get(p) ?? 0) + 1); }
  let best = null; for (const [p, c] of n) if (c > 1 && (best === null || c > best[1] || (c === best[1] && p < best[0]))) best = [p, c]; if (!best) break;
  const [a, b2] = best[0].split(' '); small.push([a, b2]); v[a + b2] ??= Object.keys(v).length;
  words = words.map(w => { const r = []; for (let i = 0; i < w.length; i++) { if (i + 1 < w.length && w[i] === a && w[i + 1] === b2) { r.push(a + b2); i++; } else r.push(w[i]); } return r; }); }
const at = (id, content) => ({ id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special: true });
const llama2 = { version: '1.0', truncation: null, padding: null, added_tokens: [at(0, '<unk>'), at(1, '<s>'), at(2, '</s>')], normalizer: { type: 'Sequence', normalizers: [{ type: 'Prepend', prepend: '▁' }, { type: 'Replace', pattern: { String: ' ' }, content: '▁' }] }, pre_tokenizer: null,
  post_processor: { type: 'TemplateProcessing', single: [{ SpecialToken: { id: '<s>', type_id: 0 } }, { Sequence: { id: 'A', type_id: 0 } }], pair: [{ SpecialToken: { id: '<s>', type_id: 0 } }, { Sequence: { id: 'A', type_id: 0 } }, { SpecialToken: { id: '<s>', type_id: 1 } }, { Sequence: { id: 'B', type_id: 1 } }], special_tokens: { '<s>': { id: '<s>', ids: [1], tokens: ['<s>'] } } },
  decoder: { type: 'Sequence', decoders: [{ type: 'Replace', pattern: { String: '▁' }, content: ' ' }, { type: 'ByteFallback' }, { type: 'Fuse' }, { type: 'Strip', content: ' ', start: 1, stop: 0 }] }, model: { type: 'BPE', dropout: null, unk_token: '<unk>', continuing_subword_prefix: null, end_of_word_suffix: null, fuse_unk: true, byte_fallback: true, ignore_merges: false, vocab: v, merges: small } };
fs.writeFileSync(`${out}/llama2-form.tokenizer.json.gz`, zlib.gzipSync(JSON.stringify(llama2), { level: 9 }));
await rec('llama2-form', T.Tokenizer.fromString(JSON.stringify(llama2)), { special: true });
const gemma = { ...llama2, normalizer: { type: 'Replace', pattern: { String: ' ' }, content: '▁' }, pre_tokenizer: { type: 'Split', pattern: { String: ' ' }, behavior: 'MergedWithPrevious', invert: false }, decoder: { type: 'Sequence', decoders: [{ type: 'Replace', pattern: { String: '▁' }, content: ' ' }, { type: 'ByteFallback' }, { type: 'Fuse' }] }, added_tokens: [...llama2.added_tokens, { ...at(Object.keys(v).length, '\n\n'), special: false }] };
fs.writeFileSync(`${out}/gemma-form.tokenizer.json.gz`, zlib.gzipSync(JSON.stringify(gemma), { level: 9 }));
await rec('gemma-form', T.Tokenizer.fromString(JSON.stringify(gemma)), { special: true });
const meta = { ...llama2, normalizer: { type: 'NFC' }, pre_tokenizer: { type: 'Metaspace', replacement: '▁', prepend_scheme: 'first', split: true }, decoder: { type: 'Metaspace', replacement: '▁', prepend_scheme: 'first', split: true }, model: { ...llama2.model, byte_fallback: false } };
fs.writeFileSync(`${out}/metaspace-form.tokenizer.json.gz`, zlib.gzipSync(JSON.stringify(meta), { level: 9 }));
await rec('metaspace-form', T.Tokenizer.fromString(JSON.stringify(meta)), { special: true });
