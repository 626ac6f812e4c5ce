using System.Text.Json;
using static Microtome.Torch.torch;

namespace Microtome.Torch.Tests;

/// <summary>One call that PyTorch answered: operation, arguments, and how many tensors went in and came out.</summary>
internal sealed record RecordedCase(string Name, string Op, JsonElement Args, int Inputs, int Outputs, int[] Gradients)
{
    public static readonly FixtureFile File = new("ops.safetensors");

    public static readonly IReadOnlyDictionary<string, RecordedCase> All = FixtureFile.Manifest("ops.json").EnumerateArray()
        .Select(e => new RecordedCase(e.GetProperty("name").GetString()!, e.GetProperty("op").GetString()!, e.GetProperty("args"),
            e.GetProperty("inputs").GetInt32(), e.GetProperty("outputs").GetInt32(), [.. e.GetProperty("grads").EnumerateArray().Select(g => g.GetInt32())]))
        .ToDictionary(c => c.Name, StringComparer.Ordinal);

    public Tensor Input(int index) => File.Read($"{Name}/in{index}");
    public Tensor Output(int index) => File.Read($"{Name}/out{index}");
    public Tensor Gradient(int index) => File.Read($"{Name}/grad{index}");

    public bool Has(string name) => Args.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null;
    public long Long(string name) => Args.GetProperty(name).GetInt64();
    public double Double(string name) => Args.GetProperty(name).GetDouble();
    public bool Bool(string name) => Args.GetProperty(name).GetBoolean();
    public string Text(string name) => Args.GetProperty(name).GetString()!;
    public long[] Longs(string name) => [.. Args.GetProperty(name).EnumerateArray().Select(e => e.GetInt64())];
    public double[] Doubles(string name) => [.. Args.GetProperty(name).EnumerateArray().Select(e => e.GetDouble())];

    /// <summary>The same number for each of n dimensions.</summary>
    public long[] Each(string name, int n) => [.. Enumerable.Repeat(Long(name), n)];

    public nn.Reduction Reduction => Text("reduction") switch { "none" => nn.Reduction.None, "mean" => nn.Reduction.Mean, _ => nn.Reduction.Sum };

    /// <summary>The weights of the sum whose gradient was recorded (see generate.py): ((37 i + 11) mod 17 - 8) / 8.</summary>
    public static Tensor Weights(Tensor like)
    {
        var values = new double[like.numel()];
        for (var i = 0L; i < values.Length; i++)
            values[i] = (((i * 37) + 11) % 17 - 8) / 8.0;
        return tensor(values, like.shape).to(like.dtype);
    }
}
