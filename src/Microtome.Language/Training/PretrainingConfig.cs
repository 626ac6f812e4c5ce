using System.Text.Json;
using Microtome.Networks;

namespace Microtome.Language;

/// <summary>A pretraining run as its file says it.</summary>
public sealed record PretrainingConfig
{
    /// <summary>The task.</summary>
    public ObjectiveKind Objective { get; init; }

    /// <summary>Plain texts in UTF-8; relative to the file.</summary>
    public IReadOnlyList<string> Files { get; init; } = [];

    /// <summary>A tokenizer's file or folder; relative to the file.</summary>
    public string? Tokenizer { get; init; }

    /// <summary>What a document is.</summary>
    public DocumentKind Documents { get; init; } = DocumentKind.Paragraph;

    /// <summary>Part of the documents that is held out.</summary>
    public double HeldOut { get; init; } = 0.05;

    /// <summary>For masked texts: words are masked as wholes.</summary>
    public bool WholeWords { get; init; }

    /// <summary>The model; its vocabulary follows from the tokenizer.</summary>
    public TransformerOptions Model { get; init; } = new();

    /// <summary>How it is trained.</summary>
    public PretrainingOptions Training { get; init; } = new();

    /// <summary>Reads a file.</summary>
    /// <exception cref="TextException">It is not what it should be; the message says where.</exception>
    public static PretrainingConfig Read(string path)
    {
        if (!File.Exists(path))
            throw new TextException($"{path}: there is no such file. A run is described by a JSON file; samples/text/bert-mini.json is one.");
        try
        {
            var config = JsonSerializer.Deserialize<PretrainingConfig>(File.ReadAllText(path), TextModelFolder.Json) ?? throw new TextException($"{path} is empty.");
            if (config.Files.Count == 0)
                throw new TextException($"{path}: 'files' names no text.");
            if (config.Tokenizer is null)
                throw new TextException($"{path}: 'tokenizer' is missing. `text tokenizer train` makes one.");
            if (config.HeldOut is not (>= 0 and < 1))
                throw new TextException($"{path}: 'heldOut' is {config.HeldOut}; it is a part of the documents, from 0 to below 1.");
            string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
            return config with { Files = [.. config.Files.Select(f => Path.Combine(folder, f))], Tokenizer = Path.Combine(folder, config.Tokenizer) };
        }
        catch (JsonException e)
        {
            throw new TextException($"{path}: {e.Message}", e);
        }
    }
}
