using System.Text.Json;
using Microtome.Imaging;
using Microtome.Networks;
using Microtome.Torch;
using static Microtome.Torch.torch;

namespace Microtome.Language;

/// <summary>A model that has learnt a task, in a folder: the text model's files, task.json and head.safetensors.</summary>
public sealed class TaskHead : IDisposable
{
    private TaskHead(TextTaskModel model, ITokenizer tokenizer, TextTask? task, IReadOnlyList<string> labels, int length)
    {
        (Model, Tokenizer, Task, Labels, Length) = (model, tokenizer, task, labels, length);
    }

    /// <summary>The network.</summary>
    public TextTaskModel Model { get; }

    /// <summary>Its tokenizer.</summary>
    public ITokenizer Tokenizer { get; }

    /// <summary>The task; null for answers in passages.</summary>
    public TextTask? Task { get; }

    /// <summary>Names of the classes; none for scores and answers.</summary>
    public IReadOnlyList<string> Labels { get; }

    /// <summary>Tokens of an example at most.</summary>
    public int Length { get; }

    /// <summary>Puts a fresh head on a pretrained model.</summary>
    /// <param name="folder">The pretrained model.</param>
    /// <param name="task">The task; null for answers in passages.</param>
    /// <param name="labels">Names of the classes.</param>
    /// <param name="options">Length and dropout.</param>
    /// <exception cref="TextException">The folder is not a text model.</exception>
    public static TaskHead Fresh(string folder, TextTask? task, IReadOnlyList<string> labels, FinetuningOptions options)
    {
        var tokenizer = Tokenizers.Load(folder);
        var text = TextModelFolder.Load(folder);
        manual_seed(options.Seed);
        return new TaskHead(new TextTaskModel(text, Outputs(task, labels), task is null, options.Dropout), tokenizer, task, labels, Math.Min(options.Length, text.Transformer.Options.MaxLength));
    }

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    /// <exception cref="TextException">A file is missing or wrong.</exception>
    public static TaskHead Load(string folder)
    {
        string path = Path.Combine(folder, "task.json"), weights = Path.Combine(folder, "head.safetensors");
        if (!File.Exists(path) || !File.Exists(weights))
            throw new TextException($"{folder} is not a model for a task: it has no {(File.Exists(path) ? "head.safetensors" : "task.json")}. `text finetune` writes one.");
        Description description;
        try
        {
            description = JsonSerializer.Deserialize<Description>(File.ReadAllText(path), TextModelFolder.Json) ?? throw new JsonException("it is empty");
        }
        catch (JsonException e)
        {
            throw new TextException($"{path}: {e.Message}", e);
        }

        var head = Fresh(folder, description.Task, description.Labels, new FinetuningOptions { Length = description.Length });
        try
        {
            using var file = Safetensors.Load(weights);
            head.Model.load_state_dict(file.Tensors, strict: false);
            var missing = head.Model.state_dict().Keys.Where(k => !k.StartsWith("text.", StringComparison.Ordinal) && !file.Tensors.ContainsKey(k)).ToList();
            return missing.Count == 0 ? head : throw new TextException($"{weights} lacks '{missing[0]}'.");
        }
        catch (Exception e) when (e is SafetensorsException or ArgumentException or EndOfStreamException)
        {
            head.Dispose();
            throw new TextException($"{weights}: {e.Message}", e);
        }
    }

    /// <summary>Writes model, tokenizer, task and head; each file appears as a whole.</summary>
    public void Save(string folder)
    {
        TextModelFolder.Save(folder, Model.Text);
        Tokenizers.Save(Tokenizer, Path.Combine(folder, "tokenizer.json"));
        Safetensors.Save(Path.Combine(folder, "head.safetensors"), Model.state_dict().Where(static t => !t.Key.StartsWith("text.", StringComparison.Ordinal)).ToDictionary(static t => t.Key, static t => t.Value, StringComparer.Ordinal));
        AtomicFile.WriteAllText(Path.Combine(folder, "task.json"), JsonSerializer.Serialize(new Description(Task, [.. Labels], Length), TextModelFolder.Json) + "\n");
    }

    /// <summary>Scores of examples, [examples][outputs].</summary>
    public IReadOnlyList<float[]> Predict(IReadOnlyList<TextExample> examples, int batch, CancellationToken cancellation)
    {
        Model.eval();
        using var off = no_grad();
        var rows = new List<float[]>();
        for (int first = 0; first < examples.Count; first += batch)
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            var part = examples.Skip(first).Take(batch).ToList();
            float[] values = Forward(TextFeatures.Encode(Tokenizer, part, Length)).cpu().data<float>().ToArray();
            rows.AddRange(values.Chunk(values.Length / part.Count));
        }

        return rows;
    }

    /// <summary>Scores of starts and ends of windows.</summary>
    public (IReadOnlyList<float[]> Starts, IReadOnlyList<float[]> Ends) Predict(IReadOnlyList<SpanWindow> windows, int batch, CancellationToken cancellation)
    {
        Model.eval();
        using var off = no_grad();
        List<float[]> starts = [], ends = [];
        for (int first = 0; first < windows.Count; first += batch)
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            var part = windows.Skip(first).Take(batch).ToList();
            var scores = Forward(part);
            for (int row = 0; row < part.Count; row++)
            {
                starts.Add(scores[row].select(1, 0).contiguous().data<float>().ToArray());
                ends.Add(scores[row].select(1, 1).contiguous().data<float>().ToArray());
            }
        }

        return (starts, ends);
    }

    /// <inheritdoc/>
    public void Dispose() => Model.Dispose();

    /// <summary>[rows, outputs] of encoded examples.</summary>
    internal Tensor Forward(TextFeatures features) => Model.forward(Rows(features.Ids, features.Rows), Rows(features.Mask, features.Rows).to(ScalarType.Float32), Rows(features.Types, features.Rows));

    /// <summary>[windows, tokens, 2] of windows; shorter ones are filled up.</summary>
    internal Tensor Forward(IReadOnlyList<SpanWindow> windows)
    {
        int length = windows.Max(static w => w.Ids.Length);
        long[] ids = new long[windows.Count * length], types = new long[ids.Length], mask = new long[ids.Length];
        Array.Fill(ids, Tokenizer.Special.Pad ?? 0);
        for (int row = 0; row < windows.Count; row++)
        {
            for (int i = 0; i < windows[row].Ids.Length; i++)
                (ids[(row * length) + i], types[(row * length) + i], mask[(row * length) + i]) = (windows[row].Ids[i], windows[row].Types[i], 1);
        }

        return Model.forward(Rows(ids, windows.Count), Rows(mask, windows.Count).to(ScalarType.Float32), Rows(types, windows.Count));
    }

    private static Tensor Rows(long[] values, int rows) => tensor(values).reshape(rows, -1);

    private static int Outputs(TextTask? task, IReadOnlyList<string> labels) => task is null ? 2 : task.IsRegression ? 1 : Math.Max(2, labels.Count);

    private sealed record Description(TextTask? Task, string[] Labels, int Length);
}
