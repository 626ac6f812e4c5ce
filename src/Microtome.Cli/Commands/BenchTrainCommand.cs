using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Microtome.Imaging;
using Microtome.Language;
using Microtome.Networks;
using Microtome.Torch;

namespace Microtome.Cli.Commands;

/// <summary><c>bench train</c>: BERT-mini against the same model in plain PyTorch, on the same batches; and what talking heads cost.</summary>
internal static class BenchTrainCommand
{
    private const int Rows = 32, Length = 128, Unmeasured = 3, HeldOutBatches = 4;

    public static Command Create()
    {
        var steps = new Option<int>("--steps") { Description = "Steps a turn.", DefaultValueFactory = static _ => 23, HelpName = "N" };
        var rounds = new Option<int>("--rounds") { Description = "Turns that each side gets, with seeds of their own.", DefaultValueFactory = static _ => 3, HelpName = "N" };
        var alone = new Option<bool>("--alone") { Description = "Leave PyTorch out." };
        var command = new Command("train", "Tokens per second in training against plain PyTorch on the same batches, and the loss both reach; what talking heads cost.") { steps, rounds, alone };
        command.SetAction((result, cancellation) => Task.Run(() => Run(CommonSettings.From(result), result.GetValue(steps), result.GetValue(rounds), result.GetValue(alone), cancellation), cancellation));
        return command;
    }

    private static int Run(CommonSettings settings, int steps, int rounds, bool alone, CancellationToken cancellation)
    {
        if (steps <= Unmeasured || rounds < 1)
            throw new UsageException($"--steps is {steps} and --rounds {rounds}; at least {Unmeasured + 1} steps and 1 round are needed.");
        torch.set_num_threads(settings.Threads);
        Learning.NativeMemory.KeepFreed(large: true);
        string text = Installation.PathOf("samples", "text", "wikitext-2-validation.txt"), folder = Directory.CreateTempSubdirectory("bench-train-").FullName;
        try
        {
            var tokenizer = Tokenizers.Load(Installation.PathOf("samples", "text", "wordpiece-4096"));
            using var tokens = TokenFile.Build(Path.Combine(folder, "tokens.bin"), [text], tokenizer, null, null, cancellation);
            var objective = new MaskedLanguageObjective(tokenizer, new MaskedLanguageOptions { Length = Length, Seed = 1 });
            var source = new CorpusSource(tokens, objective, objective, Rows, 0.05, 1);
            var held = new BatchSampler(tokens, new BatchSamplerOptions { WindowLength = objective.WindowLength, BatchSize = Rows, HeldOutShare = 0.05, HeldOut = true, Shuffle = false });
            var batches = Enumerable.Range(0, steps).Select(s => source.Training(s)).Concat(Enumerable.Range(0, HeldOutBatches).Select(s => objective.Draw(held, s))).ToList();
            string file = Path.Combine(folder, "batches.raw");
            using (var stream = File.Create(file))
            {
                foreach (var batch in batches)
                {
                    stream.Write(MemoryMarshal.AsBytes(batch.Inputs.AsSpan()));
                    stream.Write(MemoryMarshal.AsBytes(batch.Targets.AsSpan()));
                }
            }

            PeerProgram? peer = null;
            if (!alone)
            {
                peer = PeerProgram.Python("train_torch.py", "torch, numpy", out string reason);
                if (peer is null)
                    Answer.Log($"No comparison with PyTorch: {reason}");
            }

            var shape = new TransformerOptions { Layers = 4, Width = 256, Heads = 4, FeedForwardWidth = 1024, Vocabulary = tokenizer.VocabularySize, MaxLength = Length, SegmentKinds = 2, NormPlacement = NormPlacement.Post, NormalizeEmbeddings = true };
            var options = new PretrainingOptions { Steps = steps, Batch = Rows, Length = Length, LearningRate = 5e-4, WarmupSteps = Math.Max(1, steps / 10), CheckpointEvery = int.MaxValue, LogEvery = int.MaxValue };
            List<double> ours = [], ourLoss = [], theirs = [], theirLoss = [];
            string version = "PyTorch";
            for (int round = 0; round < rounds; round++)
            {
                cancellation.ThrowIfCancellationRequested();
                var (speed, loss) = Train(shape, options with { Seed = round + 1 }, batches, cancellation);
                ours.Add(speed);
                ourLoss.Add(loss);
                if (peer is null)
                    continue;
                string[] words = peer.Run([file, .. new[] { Rows, Length, steps, HeldOutBatches, shape.Vocabulary, shape.Layers, shape.Width, shape.Heads, shape.FeedForwardWidth }.Select(static n => n.ToString(CultureInfo.InvariantCulture)),
                    options.LearningRate.ToString(CultureInfo.InvariantCulture), options.WarmupSteps.ToString(CultureInfo.InvariantCulture), settings.Threads.ToString(CultureInfo.InvariantCulture), (round + 1).ToString(CultureInfo.InvariantCulture)]);
                version = $"PyTorch {words[0]}";
                theirs.Add(double.Parse(words[1], CultureInfo.InvariantCulture));
                theirLoss.Add(double.Parse(words[2], CultureInfo.InvariantCulture));
            }

            var rows = new List<BenchRow>
            {
                new("train_bert_mini", Median(ours), "tokens/s") { Peer = peer is null ? null : version, PeerValue = peer is null ? null : Median(theirs), Limit = "ratio to reach", LimitValue = 1 },
                new($"train_bert_mini_held_out_loss_{steps}_steps", ourLoss.Average(), "nats") { Peer = peer is null ? null : version, PeerValue = peer is null ? null : theirLoss.Average(), LowerIsBetter = true },
                new("train_bert_mini_held_out_loss_spread", ourLoss.Max() - ourLoss.Min(), "nats") { Peer = peer is null ? null : version, PeerValue = peer is null ? null : theirLoss.Max() - theirLoss.Min(), LowerIsBetter = true },
            };
            foreach (int heads in new[] { 8, 16 })
            {
                // Turns alternate, so that a slower moment hits both.
                var plain = shape with { Heads = heads };
                List<double> without = [], with = [];
                for (int round = 0; round < rounds; round++)
                {
                    without.Add(1 / Train(plain, options, batches, cancellation).Speed);
                    with.Add(1 / Train(plain with { TalkingHeads = new TalkingHeadsOptions() }, options, batches, cancellation).Speed);
                }

                double flops = TalkingFlops(plain);
                rows.Add(new BenchRow($"train_talking_heads_{heads}", Median(with) / Median(without), "times the step without") { Limit = string.Create(CultureInfo.InvariantCulture, $"1.25 times the FLOP ratio {flops:F3}"), LimitValue = 1.25 * flops });
            }

            BenchRow.Print(rows, settings);
            return ExitCode.Done;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    // Tokens a second after the first steps, and the held-out loss at the end.
    private static (double Speed, double Loss) Train(TransformerOptions shape, PretrainingOptions options, List<TextBatch> batches, CancellationToken cancellation)
    {
        string run = Directory.CreateTempSubdirectory("bench-train-run-").FullName;
        try
        {
            torch.manual_seed(options.Seed);
            using var model = new TextModel(shape, TextOutput.MaskedToken);
            using var trainer = new Pretrainer(model, options with { CheckpointEvery = int.MaxValue }, run);
            var source = new Recorded(batches, options.Steps);
            double loss = double.NaN;
            trainer.Run(source, line => loss = line.HeldOutLoss ?? loss, cancellation);
            return (Rows * Length * (options.Steps - Unmeasured) / source.Seconds, loss);
        }
        finally
        {
            Directory.Delete(run, recursive: true);
        }
    }

    private static double TalkingFlops(TransformerOptions shape)
    {
        double plain = (8.0 * shape.Width * shape.Width) + (4.0 * Length * shape.Width) + (4.0 * shape.Width * shape.FeedForwardWidth), mixes = 4.0 * Length * shape.Heads * shape.Heads;
        double head = 0.15 * 2.0 * shape.Width * (shape.Width + shape.Vocabulary);
        return ((shape.Layers * (plain + mixes)) + head) / ((shape.Layers * plain) + head);
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    private sealed class Recorded(List<TextBatch> batches, int steps) : ITextSource
    {
        private long begun;

        public double Seconds { get; private set; }

        public TextBatch Training(long step)
        {
            if (step == Unmeasured)
                begun = Stopwatch.GetTimestamp();
            return batches[(int)step];
        }

        public IEnumerable<TextBatch> HeldOut()
        {
            Seconds = Stopwatch.GetElapsedTime(begun).TotalSeconds;
            return batches.Skip(steps);
        }
    }
}
