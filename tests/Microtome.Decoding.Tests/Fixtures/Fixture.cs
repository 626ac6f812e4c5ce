using System.Text.Json;

namespace Microtome.Decoding.Tests;

/// <summary>A tiny decoder with the logits that PyTorch gave (see generate.py).</summary>
internal sealed record Fixture(string Folder, int[] Tokens, float[][] Logits)
{
    public static TheoryData<string> Names => ["gemma2", "llama", "llama-gelu", "spark"];

    public static string FolderOf(string name) => Path.Combine(AppContext.BaseDirectory, "Fixtures", name);

    public static Fixture Read(string name)
    {
        using var json = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(FolderOf(name), "logits.json")));
        return new(
            FolderOf(name),
            [.. json.RootElement.GetProperty("tokens").EnumerateArray().Select(static v => v.GetInt32())],
            [.. json.RootElement.GetProperty("logits").EnumerateArray().Select(static row => row.EnumerateArray().Select(static v => v.GetSingle()).ToArray())]);
    }
}
