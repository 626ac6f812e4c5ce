using System.Text;
using Microtome.Decoding;

namespace Microtome.Language;

/// <summary>Continues texts with a decoder: as many prompts side by side as it has sequences. For one caller at a time.</summary>
public sealed class TextGenerator
{
    private readonly DecoderModel model;
    private readonly Microtome.Decoding.Decoder decoder;
    private readonly ITokenizer tokenizer;
    private readonly HashSet<int> ends;

    /// <summary>Of parts that the caller owns.</summary>
    public TextGenerator(DecoderModel model, Microtome.Decoding.Decoder decoder, ITokenizer tokenizer)
    {
        this.model = model;
        this.decoder = decoder;
        this.tokenizer = tokenizer;
        ends = [.. model.Config.EndTokens];
        if (tokenizer.Special.Eos is { } end)
            ends.Add(end);
    }

    /// <summary>The tokens of a prompt, with the one that begins a text if the model has one.</summary>
    public int[] Encode(string prompt)
    {
        var ids = tokenizer.Encode(prompt, addSpecial: true).Ids;
        return ids.Length > 0 ? ids : (model.Config.BeginToken ?? tokenizer.Special.Bos) is { } begin ? [begin] : [];
    }

    /// <summary>Continues texts.</summary>
    /// <param name="prompts">Texts.</param>
    /// <param name="options">How.</param>
    /// <param name="onText">Called with the index of a prompt and the next piece of its answer; never half a character.</param>
    /// <param name="cancellation">Looked at between tokens.</param>
    /// <exception cref="DecodingException">A prompt is empty or does not fit into the context.</exception>
    public IReadOnlyList<GeneratedText> Run(IReadOnlyList<string> prompts, GenerationOptions options, Action<int, string>? onText = null, CancellationToken cancellation = default) =>
        Run([.. prompts.Select(Encode)], options, onText, cancellation);

    /// <summary>Continues tokens.</summary>
    /// <inheritdoc cref="Run(IReadOnlyList{string}, GenerationOptions, Action{int, string}?, CancellationToken)"/>
    public IReadOnlyList<GeneratedText> Run(IReadOnlyList<int[]> prompts, GenerationOptions options, Action<int, string>? onText = null, CancellationToken cancellation = default)
    {
        // All are looked at before the first is begun.
        foreach (var prompt in prompts)
        {
            if (prompt.Length > decoder.Context)
                throw new DecodingException($"The prompt has {prompt.Length} tokens, but the context holds {decoder.Context}. Shorten it or raise --context (this model was made for {model.Config.Context}).");
        }

        var answers = new GeneratedText[prompts.Count];
        for (var first = 0; first < prompts.Count; first += decoder.Sequences)
        {
            var count = Math.Min(decoder.Sequences, prompts.Count - first);
            var texts = new List<Growing>();
            for (var i = 0; i < count; i++)
                texts.Add(new Growing(this, first + i, i, prompts[first + i], options, onText));
            Group(texts, cancellation);
            foreach (var text in texts)
                answers[text.Index] = text.Answer();
        }

        return answers;
    }

    private void Group(List<Growing> texts, CancellationToken cancellation)
    {
        foreach (var text in texts)
        {
            decoder.Truncate(text.Sequence);
            text.Begin(cancellation);
        }

        var sequences = new int[texts.Count];
        var tokens = new int[texts.Count];
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            var active = 0;
            foreach (var text in texts)
            {
                if (text.IsDone)
                    continue;
                sequences[active] = text.Sequence;
                tokens[active++] = text.Last;
            }

            if (active == 0)
                return;
            if (active == 1)
            {
                texts.Find(static t => !t.IsDone)!.Step(cancellation);
                continue;
            }

            decoder.Step(sequences.AsSpan(0, active), tokens.AsSpan(0, active));
            foreach (var text in texts)
            {
                if (!text.IsDone)
                    text.Draw();
            }
        }
    }

    /// <summary>An answer that is being made.</summary>
    private sealed class Growing
    {
        private readonly TextGenerator owner;
        private readonly GenerationOptions options;
        private readonly int[] prompt;
        private readonly Action<int, string>? onText;
        private readonly Sampler sampler;
        private readonly StreamingDecoder streaming;
        private readonly StopScanner scanner;
        private readonly StringBuilder text = new();
        private int count;
        private bool ended;

        public Growing(TextGenerator owner, int index, int sequence, int[] prompt, GenerationOptions options, Action<int, string>? onText)
        {
            this.owner = owner;
            this.options = options;
            this.prompt = prompt;
            this.onText = onText;
            Index = index;
            Sequence = sequence;
            sampler = new Sampler(options.Sampling, owner.model.Config.Vocabulary, index);
            streaming = owner.tokenizer.CreateDecoder(skipSpecial: true);
            scanner = new StopScanner(options.Stop);
        }

        public int Index { get; }

        public int Sequence { get; }

        public int Last { get; private set; }

        public bool IsDone { get; private set; }

        private bool IsGreedy => options.Sampling.Temperature == 0;

        public void Begin(CancellationToken cancellation)
        {
            if (options.MaximumTokens <= 0)
            {
                IsDone = true;
                return;
            }

            Advance(prompt, cancellation);
        }

        public void Step(CancellationToken cancellation)
        {
            ReadOnlySpan<int> last = [Last];
            Advance(last, cancellation);
        }

        /// <summary>Takes the next token from the logits that are there.</summary>
        public void Draw() => Take(sampler.Next(owner.decoder.Logits(Sequence)));

        public GeneratedText Answer()
        {
            if (!scanner.Stopped)
            {
                Emit(scanner.Next(streaming.Finish()));
                if (!scanner.Stopped)
                    Emit(scanner.Finish());
            }

            return new GeneratedText(text.ToString(), prompt.Length, count, ended || scanner.Stopped);
        }

        private void Advance(ReadOnlySpan<int> tokens, CancellationToken cancellation)
        {
            if (IsGreedy)
            {
                Take(owner.decoder.Greedy(Sequence, tokens, cancellation));
                return;
            }

            owner.decoder.Append(Sequence, tokens, cancellation: cancellation);
            Draw();
        }

        private void Take(int token)
        {
            Last = token;
            count++;
            if (owner.ends.Contains(token))
            {
                ended = IsDone = true;
                return;
            }

            // A model may have more rows than its tokenizer has tokens.
            if (token < owner.tokenizer.VocabularySize)
                Emit(scanner.Next(streaming.Next(token)));
            IsDone = scanner.Stopped || count >= options.MaximumTokens || owner.decoder.Length(Sequence) >= owner.decoder.Context;
        }

        private void Emit(string piece)
        {
            if (piece.Length == 0)
                return;
            text.Append(piece);
            onText?.Invoke(Index, piece);
        }
    }
}
