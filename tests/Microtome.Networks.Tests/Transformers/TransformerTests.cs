using Microtome.Torch;
using static Microtome.Torch.torch;
using static Microtome.Torch.torch.nn;

namespace Microtome.Networks.Tests;

public sealed class TransformerTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    public TransformerTests() => manual_seed(11);

    public void Dispose() => scope.Dispose();

    public static TheoryData<string> Shapes => ["bert", "pre", "llama", "gemma", "t5", "spark", "topk", "reglu", "none"];

    private static TransformerOptions Options(string name)
    {
        var small = new TransformerOptions { Layers = 2, Width = 32, Heads = 4, Vocabulary = 50, MaxLength = 24, InitialDeviation = 0.2 };
        return name switch
        {
            "bert" => small with { NormPlacement = NormPlacement.Post, NormalizeEmbeddings = true, SegmentKinds = 2 },
            "llama" => small with { Causal = true, Norm = NormKind.RmsNorm, FeedForward = FeedForwardKind.SwiGlu, Positions = PositionKind.Rotary, KeyValueHeads = 2, Biases = false, TieEmbeddings = false },
            "gemma" => small with { Causal = true, Norm = NormKind.RmsNorm, NormPlacement = NormPlacement.Sandwich, FeedForward = FeedForwardKind.GeGlu, Positions = PositionKind.Rotary, KeyValueHeads = 1, HeadWidth = 16, Biases = false, AttentionCap = 50, LogitCap = 30, EmbeddingScale = Math.Sqrt(32) },
            "t5" => small with { Causal = true, Positions = PositionKind.T5Relative, Norm = NormKind.RmsNorm, Biases = false },
            "spark" => small with { Causal = true, Positions = PositionKind.Rotary, FeedForward = FeedForwardKind.Spark, FeedForwardWidth = 96, Spark = new SparkOptions { AttentionPredictorWidth = 4, AttendedKeys = 6 } },
            "topk" => small with { Causal = true, FeedForward = FeedForwardKind.TopKGeGlu },
            "reglu" => small with { FeedForward = FeedForwardKind.ReGlu },
            "none" => small with { Positions = PositionKind.None },
            _ => small,
        };
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Model_LearnsABatch(string name)
    {
        using var model = new TextModel(Options(name), name == "bert" ? TextOutput.MaskedToken : TextOutput.NextToken);
        using var optimizer = optim.AdamW(model.parameters(), 3e-3);
        var tokens = randint(0, 50, [4, 16]);
        double first = 0, last = 0;
        for (int step = 0; step < 40; step++)
        {
            using var inner = NewDisposeScope();
            optimizer.zero_grad();
            var (loss, _, count) = model.Loss(tokens, tokens.roll(-1, 1));
            Assert.Equal(64, count);
            loss.backward();
            optimizer.step();
            last = loss.item<float>();
            first = step == 0 ? last : first;
        }

        Assert.All(model.parameters(), p => Assert.True(p.grad is null || p.grad.isfinite().all().item<bool>()));
        Assert.True(last < 0.7 * first, $"{first} to {last}");
    }

    [Theory]
    [InlineData("llama")]
    [InlineData("gemma")]
    [InlineData("t5")]
    [InlineData("spark")]
    [InlineData("topk")]
    public void Causal_LaterTokens_DoNotChangeEarlierOutputs(string name)
    {
        using var model = new TextModel(Options(name), TextOutput.NextToken);
        var tokens = randint(0, 50, [1, 20]);
        var changed = tokens.clone();
        changed[0, 15].fill_((tokens[0, 15].item<long>() + 1) % 50);
        var (before, after) = (model.Encode(tokens), model.Encode(changed));
        Assert.True(before.narrow(1, 0, 15).equal(after.narrow(1, 0, 15)));
        Assert.False(before.narrow(1, 15, 1).equal(after.narrow(1, 15, 1)));
    }

    [Theory]
    [InlineData("bert")]
    [InlineData("pre")]
    [InlineData("none")]
    public void Present_WhatLiesAfterTheEnd_DoesNotMatter(string name)
    {
        using var model = new TextModel(Options(name), TextOutput.NextToken);
        var tokens = randint(0, 50, [1, 12]);
        var present = ones([1, 12]);
        present[0, 10].fill_(0);
        present[0, 11].fill_(0);
        var changed = tokens.clone();
        changed[0, 11].fill_((tokens[0, 11].item<long>() + 1) % 50);
        Assert.True(model.Encode(tokens, present).narrow(1, 0, 10).equal(model.Encode(changed, present).narrow(1, 0, 10)));
        var alone = model.Encode(tokens.narrow(1, 0, 10));
        Assert.InRange((alone - model.Encode(tokens, present).narrow(1, 0, 10)).abs().max().item<float>(), 0, 1e-5f);
    }

    [Theory]
    [InlineData("llama")]
    [InlineData("t5")]
    [InlineData("spark")]
    public void Checkpointing_GivesTheSameGradients(string name)
    {
        var options = Options(name);
        using var plain = new TextModel(options, TextOutput.NextToken);
        using var frugal = new TextModel(options with { Checkpointing = true }, TextOutput.NextToken);
        frugal.load_state_dict(plain.state_dict());
        var tokens = randint(0, 50, [2, 16]);
        plain.Loss(tokens, tokens.roll(-1, 1)).Loss.backward();
        frugal.Loss(tokens, tokens.roll(-1, 1)).Loss.backward();
        foreach (var (a, b) in plain.parameters().Zip(frugal.parameters()))
            Assert.InRange((a.grad! - b.grad!).abs().max().item<float>(), 0, 2e-6f);
    }

    [Fact]
    public void Rotary_ScoresDependOnDistanceAlone()
    {
        var angles = Rotary.Angles(20, 8, 10000, CPU);
        var (q, k) = (randn([1, 1, 1, 8]).expand(1, 1, 20, 8), randn([1, 1, 1, 8]).expand(1, 1, 20, 8));
        var scores = Rotary.Turn(q, angles).matmul(Rotary.Turn(k, angles).transpose(-2, -1));
        Assert.Equal(scores[0, 0, 7, 3].item<float>(), scores[0, 0, 15, 11].item<float>(), 1e-4f);
        Assert.Equal((q[0, 0, 0] * k[0, 0, 0]).sum().item<float>(), scores[0, 0, 5, 5].item<float>(), 1e-4f);
    }

    // T5's published function gives these for the encoder (two directions) and the decoder.
    [Theory]
    [InlineData(0, false, 0)]
    [InlineData(-7, false, 7)]
    [InlineData(-8, false, 8)]
    [InlineData(7, false, 23)]
    [InlineData(-200, false, 15)]
    [InlineData(200, false, 31)]
    [InlineData(-15, true, 15)]
    [InlineData(-16, true, 16)]
    [InlineData(5, true, 0)]
    [InlineData(-500, true, 31)]
    public void RelativeBuckets_AreT5s(long distance, bool causal, int expected) => Assert.Equal(expected, RelativePositions.Bucket(distance, causal));

    [Fact]
    public void SparkAttention_FewKeys_IsSoftmaxTimesSoftplus()
    {
        var options = Options("spark");
        var (q, k) = (randn([1, 4, 5, 8]), randn([1, 4, 5, 8]));
        var visible = ones([5, 5]).tril().reshape(1, 1, 5, 5);
        var weights = SparkScores.Weights(q, k, options, new AttentionContext(null, Visible: visible));
        var scores = (q.narrow(-1, 0, 4) / 2).matmul(k.narrow(-1, 0, 4).transpose(-2, -1)).masked_fill(visible.lt(0.5), double.NegativeInfinity);
        var expected = scores.softmax(-1) * functional.softplus((q.narrow(-1, 4, 4) / 2).matmul(k.narrow(-1, 4, 4).transpose(-2, -1)));
        Assert.InRange((weights - expected).abs().max().item<float>(), 0, 1e-6f);
    }

    [Fact]
    public void SparkAttention_ManyKeys_AttendsToAboutAsManyAsAsked()
    {
        var options = new TransformerOptions { Width = 64, Heads = 4, Causal = true, Spark = new SparkOptions { AttentionPredictorWidth = 8, AttendedKeys = 32 } };
        var (q, k) = (randn([2, 4, 400, 16]), randn([2, 4, 400, 16]));
        var weights = SparkScores.Weights(q, k, options, new AttentionContext(null, Visible: ones([400, 400]).tril().reshape(1, 1, 400, 400)));
        Assert.InRange(weights.gt(0).sum(-1L).to(ScalarType.Float32).narrow(2, 200, 200).mean().item<float>(), 27, 37);
    }

    [Fact]
    public void Slide_TilesAreASet_AndPaddingDoesNotMatter()
    {
        using var network = new SlideTransformer(24, 3, Options("pre") with { TalkingHeads = new TalkingHeadsOptions() });
        var tiles = randn([1, 9, 24]);
        var scores = network.forward(tiles);
        Assert.Equal([1, 3], scores.shape);
        Assert.InRange((scores - network.forward(tiles.flip(1))).abs().max().item<float>(), 0, 1e-5f);
        var padded = cat([tiles, randn([1, 4, 24])], 1);
        var present = cat([ones([1, 9]), zeros([1, 4])], 1);
        Assert.InRange((scores - network.forward(padded, present)).abs().max().item<float>(), 0, 1e-5f);
        Assert.Throws<ArgumentException>(() => new SlideTransformer(24, 3, Options("llama")));
    }

    [Fact]
    public void Task_CausalModel_ReadsTheLastToken()
    {
        using var model = new TextTaskModel(new TextModel(Options("llama"), TextOutput.NextToken), 2, spans: false);
        model.eval();
        var tokens = randint(0, 50, [1, 10]);
        var present = ones([1, 10]);
        present.narrow(1, 7, 3).fill_(0);
        var alone = model.forward(tokens.narrow(1, 0, 7), ones([1, 7]), null);
        Assert.InRange((alone - model.forward(tokens, present, null)).abs().max().item<float>(), 0, 1e-5f);
    }

    [Fact]
    public void Options_Contradictions_AreNamed()
    {
        Assert.Contains("33", Assert.Throws<ArgumentException>(() => new Transformer(new TransformerOptions { Width = 33 })).Message, StringComparison.Ordinal);
        Assert.Contains("evenly", Assert.Throws<ArgumentException>(() => new Transformer(new TransformerOptions { KeyValueHeads = 3 })).Message, StringComparison.Ordinal);
        using var model = new TextModel(Options("pre"), TextOutput.NextToken);
        Assert.Contains("25 tokens", Assert.Throws<ArgumentException>(() => model.Encode(zeros([1, 25], ScalarType.Int64))).Message, StringComparison.Ordinal);
    }
}
