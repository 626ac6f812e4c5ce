using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microtome.Torch;
using Microtome.Torch.Modules;
using static Microtome.Torch.torch;
using static Microtome.Torch.torch.nn;

namespace Microtome.Networks.Tests;

public class PatchClassifiersTests
{
    private static readonly Lazy<JsonElement> Recorded = new(static () =>
        JsonDocument.Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Fixtures", "classifiers.json"))).RootElement);

    public static TheoryData<string> RecordedNames => [.. Recorded.Value.GetProperty("networks").EnumerateObject().Select(p => p.Name)];

    [Theory]
    [MemberData(nameof(RecordedNames))]
    public void Create_RecordedArchitecture_HasItsCountNamesAndAnswers(string architecture)
    {
        var record = Recorded.Value.GetProperty("networks").GetProperty(architecture);
        using var scope = NewDisposeScope();
        using var network = PatchClassifiers.Create(architecture, 2);
        var parameters = network.parameters().Sum(p => p.numel());
        Assert.Equal(record.GetProperty("parameters").GetProperty("2").GetInt64(), parameters);

        // Each class adds a row of the last layer; VGG-16 itself would need 0.5 GB again.
        var perClass = network.parameters().Last(p => p.ndim == 2).shape[1] + 1;
        Assert.Equal(record.GetProperty("parameters").GetProperty("1000").GetInt64(), parameters + (998 * perClass));

        var lines = network.state_dict().Select(p => $"{p.Key} [{string.Join(", ", p.Value.shape)}]").Order(StringComparer.Ordinal).ToList();
        Assert.Equal(record.GetProperty("state").GetProperty("entries").GetInt32(), lines.Count);
        Assert.Equal(record.GetProperty("state").GetProperty("sha256").GetString(),
            Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', lines)))));

        FormulaWeights.Fill(network);
        network.eval();
        using var off = no_grad();
        foreach (var output in record.GetProperty("outputs").EnumerateArray())
        {
            var expected = output.GetProperty("logits").EnumerateArray().Select(v => v.GetSingle()).ToArray();
            var input = FormulaWeights.Input([.. output.GetProperty("shape").EnumerateArray().Select(v => v.GetInt64())]);
            Near(expected, network.forward(input), "as made");
        }

        ((IFoldable)network).Fold();
        foreach (var output in record.GetProperty("outputs").EnumerateArray())
        {
            var expected = output.GetProperty("logits").EnumerateArray().Select(v => v.GetSingle()).ToArray();
            var input = FormulaWeights.Input([.. output.GetProperty("shape").EnumerateArray().Select(v => v.GetInt64())]);
            Near(expected, network.forward(input), "folded");
        }
    }

    [Theory]
    [InlineData("resnet34", 21_797_672L)]
    [InlineData("inception_v4", 42_679_816L)]
    public void Create_ThousandClasses_HasThePublishedCount(string architecture, long expected)
    {
        using var network = PatchClassifiers.Create(architecture, 1000);
        Assert.Equal(expected, network.parameters().Sum(p => p.numel()));
    }

    [Fact]
    public void Create_UnknownName_NamesTheKnownOnes()
    {
        var error = Assert.Throws<ArgumentException>(() => PatchClassifiers.Create("resnet35", 2));
        Assert.Contains("'resnet35'", error.Message, StringComparison.Ordinal);
        Assert.All(PatchClassifiers.Names, name => Assert.Contains(name, error.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void Create_NoClasses_Refuses() => Assert.Throws<ArgumentException>(() => PatchClassifiers.Create("resnet34", 0));

    [Theory]
    [InlineData("resnet34", new long[] { 1, 4, 64, 64 })]
    [InlineData("preactresnet34", new long[] { 3, 64, 64 })]
    [InlineData("vgg16mod", new long[] { 1, 3, 31, 64 })]
    [InlineData("inception_v4nobn", new long[] { 1, 3, 75, 74 })]
    public void Forward_WrongShape_SaysWhatIsTaken(string architecture, long[] shape)
    {
        using var scope = NewDisposeScope();
        using var network = PatchClassifiers.Create(architecture, 2);
        var error = Assert.Throws<ArgumentException>(() => network.forward(zeros(shape)));
        Assert.Contains($"[{string.Join(", ", shape)}]", error.Message, StringComparison.Ordinal);
        Assert.Contains("[N, 3, H, W]", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("resnet18", 1)]
    [InlineData("vgg16mod", 32)]
    [InlineData("inception_v4", 75)]
    public void Forward_SmallestInput_Answers(string architecture, int side)
    {
        using var scope = NewDisposeScope();
        using var network = PatchClassifiers.Create(architecture, 3);
        network.eval();
        Assert.Equal([2L, 3], network.forward(rand([2, 3, side, side])).shape);
    }

    [Theory]
    [InlineData("resnet18")]
    [InlineData("resnet50")]
    [InlineData("preactresnet34")]
    [InlineData("vgg16mod")]
    [InlineData("inception_v4")]
    [InlineData("inception_v4nobn")]
    public void TrainingStep_OneBatch_LowersTheLossAsItsGradientSays(string architecture)
    {
        manual_seed(11);
        var before = Settled();
        using (var network = PatchClassifiers.Create(architecture, 2))
        {
            using var scope = NewDisposeScope();
            network.to(float64);
            var side = architecture.StartsWith("inception", StringComparison.Ordinal) ? 96 : 64;
            var input = randn([4, 3, side, side], float64);
            var target = tensor(new long[] { 0, 1, 1, 0 });
            var first = network.parameters().First();
            var start = first.detach().clone();

            Tensor Loss()
            {
                manual_seed(12); // the same units dropped each time
                return functional.cross_entropy(network.forward(input), target);
            }

            // A step of length s along the gradient g lowers the loss by s |g|^2, here by 1e-5. A fixed s would not do: with batch norm over so few patches
            // the gradients of fresh Inception weights are 10^4 times those of the others (timm's as well).
            var loss = Loss();
            loss.backward();
            var square = network.parameters().Sum(p => p.grad!.square().sum().item<double>());
            using var optimizer = optim.SGD(network.parameters(), 1e-5 / square);
            optimizer.step();
            Assert.InRange(loss.item<double>() - Loss().item<double>(), 0.8e-5, 1.2e-5);
            Assert.True((first - start).abs().max().item<double>() > 0);
        }

        Assert.Equal(before, Settled());
    }

    [Theory]
    [InlineData("resnet18", 64)]
    [InlineData("preactresnet34", 64)]
    [InlineData("vgg16mod", 64)]
    [InlineData("inception_v4", 80)]
    public void Fold_AfterTraining_GivesTheSameAnswer(string architecture, int side)
    {
        manual_seed(3);
        using var scope = NewDisposeScope();
        using var network = PatchClassifiers.Create(architecture, 2);
        using var off = no_grad();
        for (var i = 0; i < 3; i++)
            network.forward((randn([4, 3, side, side]) * 2) + 0.3); // moves the running statistics
        network.eval();
        var input = randn([2, 3, side, side]);
        var expected = network.forward(input).data<float>().ToArray();
        ((IFoldable)network).Fold();
        Near(expected, network.forward(input), architecture);

        // Folded anew, it follows its weights.
        network.load_state_dict(network.state_dict().ToDictionary(p => p.Key, p => p.Key.EndsWith("num_batches_tracked", StringComparison.Ordinal) ? p.Value : p.Value * 0.9, StringComparer.Ordinal));
        ((IFoldable)network).Fold();
        Assert.True(Math.Abs(network.forward(input).data<float>()[0] - expected[0]) > 1e-4 * Math.Abs(expected[0]));
    }

    [Fact]
    public void Load_SavedWeights_GivesTheSameAnswer()
    {
        manual_seed(4);
        var path = Path.Combine(Path.GetTempPath(), $"microtome-{Guid.NewGuid():N}.safetensors");
        using var scope = NewDisposeScope();
        using var off = no_grad();
        var input = randn([2, 3, 64, 64]);
        using var saved = PatchClassifiers.Create("resnet18", 2);
        using var loaded = PatchClassifiers.Create("resnet18", 2);
        saved.eval();
        loaded.eval();
        try
        {
            saved.save(path);
            loaded.load(path);
        }
        finally
        {
            File.Delete(path);
        }

        Assert.Equal(saved.forward(input).data<float>().ToArray(), loaded.forward(input).data<float>().ToArray());
    }

    [Fact]
    public void Forward_InsideAScope_LeavesOneTensor()
    {
        using var off = no_grad();
        foreach (var architecture in PatchClassifiers.Names.Where(name => name != "vgg16"))
        {
            using var scope = NewDisposeScope();
            using var network = PatchClassifiers.Create(architecture, 2);
            using var input = zeros([1, 3, 96, 96]);
            network.eval();
            foreach (var fold in new[] { false, true })
            {
                if (fold)
                    (network as IFoldable)?.Fold();
                var before = live_tensors;
                var output = network.forward(input);
                Assert.Equal(before + 1, live_tensors);
                output.Dispose();
            }
        }
    }

    private static long Settled()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return live_tensors;
    }

    private static void Near(float[] expected, Tensor actual, string what)
    {
        var values = actual.data<float>().ToArray();
        Assert.Equal(expected.Length, values.Length);
        var scale = expected.Max(Math.Abs);
        for (var i = 0; i < values.Length; i++)
            Assert.True(Math.Abs(values[i] - expected[i]) <= 1e-4 * scale, $"{what}: logit {i} should be {expected[i]} but is {values[i]}");
    }
}
