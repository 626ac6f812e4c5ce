using static Microtome.Torch.torch;

namespace Microtome.Torch.Tests;

/// <summary>How each recorded operation is written with this library. To add one: record it in generate.py, add its line to the family here.</summary>
internal static partial class Operations
{
    private static readonly Dictionary<string, Func<RecordedCase, Tensor[], Tensor[]>> known = new(StringComparer.Ordinal);

    static Operations()
    {
        Convolutions();
        Pools();
        Norms();
        Upsampling();
        Activations();
        Losses();
        LinearAndAttention();
        Indexing();
        Shapes();
        Reductions();
        Arithmetic();
        LinearAlgebra();
    }

    public static IReadOnlyCollection<string> Names => known.Keys;

    public static Tensor[] Run(RecordedCase recorded, Tensor[] inputs) => known[recorded.Op](recorded, inputs);

    private static void Add(string name, Func<RecordedCase, Tensor[], Tensor[]> run) => known.Add(name, run);
    private static void One(string name, Func<RecordedCase, Tensor[], Tensor> run) => known.Add(name, (c, x) => [run(c, x)]);
    private static void Unary(string name, Func<Tensor, Tensor> run) => known.Add(name, (_, x) => [run(x[0])]);
    private static void Binary(string name, Func<Tensor, Tensor, Tensor> run) => known.Add(name, (_, x) => [run(x[0], x[1])]);

    private static void Two(string name, Func<RecordedCase, Tensor, (Tensor, Tensor)> run) => known.Add(name, (c, x) =>
    {
        var (first, second) = run(c, x[0]);
        return [first, second];
    });
}
