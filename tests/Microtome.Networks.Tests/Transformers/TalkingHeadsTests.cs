using Microtome.Torch;
using Microtome.Torch.Modules;
using static Microtome.Torch.torch;
using static Microtome.Torch.torch.nn;

namespace Microtome.Networks.Tests;

/// <summary>The gates of talking heads: identity, finite differences, the oracle of concatenated keys, no causal leak, the fused pass against plain operators.</summary>
public sealed class TalkingHeadsTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    public TalkingHeadsTests() => manual_seed(3);

    public void Dispose() => scope.Dispose();

    [Fact]
    public void Identity_IsMultiHeadAttention()
    {
        var talking = new TransformerOptions { Layers = 1, Width = 32, Heads = 4, Vocabulary = 11, MaxLength = 20, TalkingHeads = new TalkingHeadsOptions { Start = MixingStart.Identity } };
        using var with = new Transformer(talking);
        using var without = new Transformer(talking with { TalkingHeads = null });
        without.load_state_dict(with.state_dict(), strict: false);
        var x = randn([2, 20, 32]);
        Assert.InRange((with.forward(x) - without.forward(x)).abs().max().item<float>(), 0, 1e-6f);
    }

    [Theory]
    [InlineData(4, 4, 4, 16, true, true)]
    [InlineData(3, 8, 5, 33, true, true)]
    [InlineData(12, 12, 12, 7, true, false)]
    [InlineData(16, 16, 9, 64, false, true)]
    [InlineData(24, 32, 24, 50, true, true)]
    public void Fused_EqualsPlainOperators_BothWays(int from, int softmax, int to, int keys, bool first, bool second)
    {
        const int Queries = 5;
        var scores = randn([2, from, Queries, keys]).requires_grad_();
        var logits = first ? (randn([from, softmax]) * 0.4).detach().requires_grad_() : null;
        var weights = second ? (randn([softmax, to]) * 0.4).detach().requires_grad_() : null;
        var mask = zeros([2, 1, 1, keys]);
        mask[1, 0, 0, keys - 1].fill_(double.NegativeInfinity);
        var bias = randn([1, softmax, Queries, keys]) + mask;
        var fused = functional.talking_softmax(scores, logits, weights, bias);
        var mixed = logits is null ? scores : einsum("bknm,kh->bhnm", scores, logits);
        var plain = (mixed + bias).softmax(-1);
        if (weights is not null)
            plain = einsum("bhnm,hv->bvnm", plain, weights);
        Assert.InRange((fused - plain).abs().max().item<float>(), 0, 2e-6f);

        var direction = randn(plain.shape);
        Tensor[] inputs = [scores, .. new[] { logits, weights }.OfType<Tensor>()];
        var expected = autograd.grad([(plain * direction).sum()], inputs);
        var actual = autograd.grad([(fused * direction).sum()], inputs);
        for (int i = 0; i < inputs.Length; i++)
            Assert.InRange((expected[i]! - actual[i]!).abs().max().item<float>(), 0, 1e-5f * Math.Max(1, expected[i]!.abs().max().item<float>()));
    }

    [Fact]
    public void Fused_DoesNotDependOnThreads()
    {
        var scores = randn([3, 8, 40, 40]);
        var mix = randn([8, 8]);
        var results = new List<float[]>();
        foreach (int threads in new[] { 1, 2, 3 })
        {
            set_num_threads(threads);
            var x = scores.clone().requires_grad_();
            var p = mix.clone().requires_grad_();
            functional.talking_softmax(x, p, p).square().sum().backward();
            results.Add([.. x.grad!.data<float>().ToArray(), .. p.grad!.data<float>().ToArray()]);
        }

        Assert.Equal(results[0], results[1]);
        Assert.Equal(results[0], results[2]);
    }

    [Fact]
    public void Mixes_FollowFiniteDifferences()
    {
        using var talk = new Attention(Small());
        var context = new AttentionContext(null);
        var x = randn([1, 6, 16]);
        var direction = randn([1, 6, 16]);
        double Value() => (talk.forward(x, context) * direction).sum().item<float>();
        (talk.forward(x, context) * direction).sum().backward();
        foreach (var mix in talk.modules().OfType<HeadTalk>().Single().Mixes)
        {
            for (int i = 0; i < 4; i++)
            {
                const double Step = 2e-2;
                double before = mix[i, 1].item<float>();
                using var off = no_grad();
                mix[i, 1].fill_(before + Step);
                double up = Value();
                mix[i, 1].fill_(before - Step);
                double down = Value();
                mix[i, 1].fill_(before);
                double measured = (up - down) / (2 * Step);
                Assert.InRange(mix.grad![i, 1].item<float>(), measured - 2e-3 - (0.02 * Math.Abs(measured)), measured + 2e-3 + (0.02 * Math.Abs(measured)));
            }
        }
    }

    // Logits-only talking heads are attention whose keys are all heads' keys in a row, and whose query for head h is all heads' queries, each times P_l[k, h].
    [Fact]
    public void LogitsOnly_EqualsConcatenatedKeys()
    {
        const int Heads = 3, Width = 4, Length = 7;
        var (q, k) = (randn([2, Heads, Length, Width]), randn([2, Heads, Length, Width]));
        var mix = randn([Heads, Heads]);
        var talked = functional.talking_softmax(q.matmul(k.transpose(-2, -1)), mix, null);
        var keys = k.transpose(1, 2).flatten(2);
        for (int h = 0; h < Heads; h++)
        {
            var queries = (q * mix.select(1, h).reshape(1, Heads, 1, 1)).transpose(1, 2).flatten(2);
            var expected = queries.matmul(keys.transpose(-2, -1)).softmax(-1);
            Assert.InRange((talked.select(1, h) - expected).abs().max().item<float>(), 0, 2e-6f);
        }
    }

    [Theory]
    [InlineData(HeadMixing.Both, false)]
    [InlineData(HeadMixing.Logits, false)]
    [InlineData(HeadMixing.Weights, false)]
    [InlineData(HeadMixing.Both, true)]
    public void Causal_LaterTokens_DoNotChangeEarlierOutputs(HeadMixing mixing, bool dynamic)
    {
        var options = Small() with
        {
            Layers = 2,
            Vocabulary = 20,
            Causal = true,
            TalkingHeads = new TalkingHeadsOptions { Mixing = mixing, QueryToLogits = dynamic, MemoryToLogits = dynamic, QueryToWeights = dynamic, MemoryToWeights = dynamic },
        };
        using var model = new TextModel(options, TextOutput.NextToken);
        var tokens = randint(0, 20, [1, 12]);
        var before = model.Encode(tokens);
        var changed = tokens.clone();
        changed[0, 9].fill_((tokens[0, 9].item<long>() + 1) % 20);
        var after = model.Encode(changed);
        Assert.True(before.narrow(1, 0, 9).equal(after.narrow(1, 0, 9)));
        Assert.False(before.narrow(1, 9, 1).equal(after.narrow(1, 9, 1)));
    }

    [Fact]
    public void Rectangular_ThreeCountsOfHeads_Work()
    {
        var options = Small() with { TalkingHeads = new TalkingHeadsOptions { SoftmaxHeads = 8, ValueHeads = 2 } };
        using var attention = new Attention(options);
        Assert.Equal([1, 6, 16], attention.forward(randn([1, 6, 16]), new AttentionContext(null)).shape);
        Assert.Equal([4, 8], attention.state_dict()["talk.logits"].shape);
        Assert.Equal([8, 2], attention.state_dict()["talk.weights"].shape);
    }

    private static TransformerOptions Small() => new() { Layers = 1, Width = 16, Heads = 4, Vocabulary = 20, MaxLength = 12, TalkingHeads = new TalkingHeadsOptions(), InitialDeviation = 0.3 };
}
