using System.Text.Json;
using Microtome.Torch.Modules;
using static Microtome.Torch.torch;

namespace Microtome.Torch.Tests;

/// <summary>Seeds: the same numbers as PyTorch's CPU generator, the same numbers again, with any number of threads.</summary>
public class RandomTests
{
    private static readonly FixtureFile file = new("trajectories.safetensors");
    private static readonly JsonElement[] entries = [.. FixtureFile.Manifest("trajectories.json").GetProperty("random").EnumerateArray()];

    public static TheoryData<string> Cases => [.. entries.Select(e => $"{e.GetProperty("key").GetString()} {e.GetProperty("kind").GetString()}")];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Seed_Recorded_GivesTheNumbersOfPyTorch(string name)
    {
        using var scope = NewDisposeScope();
        var entry = entries.Single(e => e.GetProperty("key").GetString() == name.Split(' ')[0]);
        var expected = file.Read(entry.GetProperty("key").GetString()!);
        manual_seed(entry.GetProperty("seed").GetInt64());
        var actual = Draw(entry.GetProperty("kind").GetString()!, expected.shape);
        // a transcendental function may differ in the last bit between releases
        Close.Equal(expected, actual, 1e-6, name);
    }

    private static Tensor Draw(string kind, long[] shape) => kind switch
    {
        "randn" => randn(shape),
        "rand" => rand(shape),
        "randint" => randint(0, 1000, shape),
        "randperm" => randperm(shape[0]),
        "bernoulli" => bernoulli(full(shape, 0.3)),
        "normal_" => empty(shape).normal_(2, 0.5),
        "uniform_" => empty(shape).uniform_(-2, 0.5),
        "multinomial" => multinomial(tensor([0.1f, 0.2f, 0.7f]), shape[0], true),
        "dropout" => nn.functional.dropout(ones(shape), 0.4, true),
        "kaiming_uniform_" => nn.init.kaiming_uniform_(empty(shape)),
        "kaiming_normal_" => nn.init.kaiming_normal_(empty(shape), mode: nn.init.FanInOut.FanOut, nonlinearity: nn.init.NonlinearityType.ReLU),
        "xavier_uniform_" => nn.init.xavier_uniform_(empty(shape)),
        "xavier_normal_" => nn.init.xavier_normal_(empty(shape)),
        "Linear" => nn.Linear(shape[1], shape[0]).weight.detach(),
        "Conv2d" => nn.Conv2d(shape[1], shape[0], shape[2]).weight.detach(),
        "Embedding" => nn.Embedding(shape[0], shape[1]).weight.detach(),
        _ => throw new ArgumentException(kind),
    };

    [Fact]
    public void RngState_PutBack_GivesTheSameNumbersAgain()
    {
        using var scope = NewDisposeScope();
        manual_seed(9);
        rand(7);
        var state = get_rng_state();
        var first = randn(33).ToBytes();
        set_rng_state(state);
        Assert.Equal(first, randn(33).ToBytes());
        Assert.NotEqual(first, randn(33).ToBytes());
    }

    [Fact]
    public void Training_SameSeed_GivesTheSameBytes()
    {
        Assert.Equal(Train(3), Train(3));
        Assert.NotEqual(Train(3), Train(4));

        static byte[] Train(long seed)
        {
            using var scope = NewDisposeScope();
            manual_seed(seed);
            using var net = nn.Sequential(nn.Conv2d(1, 4, 3, padding: 1), nn.BatchNorm2d(4), nn.ReLU(), nn.Dropout(0.3), nn.Conv2d(4, 1, 1));
            using var optimizer = optim.AdamW(net.parameters(), 0.01);
            for (var i = 0; i < 4; i++)
            {
                optimizer.zero_grad();
                (net.forward(randn(2, 1, 12, 12)) - 1).square().mean().backward();
                optimizer.step();
            }
            return [.. net.state_dict().OrderBy(p => p.Key, StringComparer.Ordinal).SelectMany(p => p.Value.ToBytes())];
        }
    }

    [Fact]
    public void Forward_OneOrTwoThreads_SameBytes()
    {
        var before = get_num_threads();
        try
        {
            Assert.Equal(Run(1), Run(2));
        }
        finally
        {
            set_num_threads(before);
        }

        static byte[] Run(int threads)
        {
            using var scope = NewDisposeScope();
            set_num_threads(threads);
            Assert.Equal(threads, get_num_threads());
            manual_seed(2);
            var x = randn(2, 8, 64, 64);
            var y = nn.functional.conv2d(x, randn(16, 8, 3, 3), padding: [1, 1]);
            return nn.functional.interpolate(nn.functional.max_pool2d(y.relu(), 2), scale_factor: [2, 2], mode: InterpolationMode.Bilinear).softmax(1).ToBytes();
        }
    }
}
