using System.IO.Compression;
using System.Text.Json;

namespace Microtome.Language.Tests;

/// <summary>Recorded answers of other programs, and the vocabularies of the samples.</summary>
internal static class Recorded
{
    private static readonly Lazy<ITokenizer> BertUncased = new(static () => Tokenizers.Load(Sample("bert-base-uncased/vocab.txt.gz")));
    private static readonly Lazy<ITokenizer> Gpt = new(static () => Tokenizers.Load(Sample("gpt2")));

    public static ITokenizer Bert => BertUncased.Value;

    public static ITokenizer Gpt2 => Gpt.Value;

    public static string Folder { get; } = Path.Combine(Root(), "tests", "Microtome.Language.Tests", "Fixtures");

    public static string Sample(string name) => Path.Combine(Root(), "samples", "text", name);

    public static Stream Open(string name) => new GZipStream(File.OpenRead(Path.Combine(Folder, name)), CompressionMode.Decompress);

    public static JsonElement Json(string name)
    {
        using var stream = Open(name);
        using var document = JsonDocument.Parse(stream);
        return document.RootElement.Clone();
    }

    private static string Root()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Microtome.slnx")))
                return folder.FullName;
        }

        throw new DirectoryNotFoundException("The tests do not lie inside the repository.");
    }
}
