using Microtome.Torch;
using Microtome.Torch.Modules;
using static Microtome.Torch.torch;
using static Microtome.Torch.torch.nn;

namespace Microtome.Networks;

/// <summary>
/// A slide's score from the vectors of its tiles: [B, N, e] to [B, outputs]. The tiles are a set (no positions) unless the options say otherwise; a learnt token in front collects what the slide says.
/// All options of the <see cref="Transformer"/> hold, weights in common and talking heads too.
/// </summary>
public sealed class SlideTransformer : Module
{
    private readonly Linear project;
    private readonly Parameter slide;
    private readonly Transformer transformer;
    private readonly Linear head;

    /// <summary>Builds the network with fresh weights from the current seed.</summary>
    /// <param name="embedding">Numbers a tile, e.</param>
    /// <param name="outputs">Scores a slide.</param>
    /// <param name="options">The transformer; vocabulary and longest text do not matter.</param>
    public SlideTransformer(int embedding, int outputs, TransformerOptions options)
        : base(nameof(SlideTransformer))
    {
        if (options.Positions == PositionKind.Learned)
            options = options with { Positions = PositionKind.None };
        if (options.Causal)
            throw new ArgumentException("Tiles have no order in which one could see only those before it: 'causal' must be off.", nameof(options));
        project = Linear(embedding, options.Width);
        transformer = new Transformer(options);
        head = Linear(options.Width, outputs);
        using (var scope = NewDisposeScope())
            slide = new Parameter(randn([1, 1, options.Width]) * 0.02);
        RegisterComponents();
    }

    /// <summary>The layers.</summary>
    public Transformer Transformer => transformer;

    /// <summary>Scores [B, outputs].</summary>
    /// <param name="tiles">[B, N, e].</param>
    /// <param name="present">[B, N]: 0 where a slide has fewer tiles; null: all are there.</param>
    public Tensor forward(Tensor tiles, Tensor? present = null)
    {
        using var scope = NewDisposeScope();
        var x = cat([slide.expand(tiles.size(0), 1, slide.size(2)), project.forward(tiles)], 1);
        var seen = present is null ? null : cat([ones([tiles.size(0), 1], ScalarType.Float32, tiles.device), present.to(ScalarType.Float32)], 1);
        return head.forward(transformer.forward(x, seen).select(1, 0)).MoveToOuterDisposeScope();
    }
}
