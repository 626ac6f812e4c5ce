using Microtome.Torch;
using Microtome.Torch.Modules;
using static Microtome.Torch.torch;
using static Microtome.Torch.torch.nn;

namespace Microtome.Networks;

/// <summary>A convolution, batch norm (or a bias in its place) and ReLU of an <see cref="InceptionV4"/>.</summary>
internal sealed class InceptionConvolution : Module<Tensor, Tensor>, IFoldable
{
    // TF-slim's value, which the published weights were trained with.
    private const double Epsilon = 1e-3;
    private readonly Conv2d conv;
    private readonly BatchNorm2d? bn;
    private readonly ConvolutionStep step;

    public InceptionConvolution(int inputChannels, int outputChannels, (int Height, int Width) kernel, int stride, bool padded, bool batchNorm)
        : base(nameof(InceptionConvolution))
    {
        long[] padding = padded ? [kernel.Height / 2, kernel.Width / 2] : [0, 0];
        conv = Conv2d(inputChannels, outputChannels, [kernel.Height, kernel.Width], stride: [stride, stride], padding: padding, bias: !batchNorm);
        bn = batchNorm ? BatchNorm2d(outputChannels, eps: Epsilon) : null;
        step = new ConvolutionStep(conv, bn);
        RegisterComponents();

        // Keeps the size of signals through 75 layers even without norms (arXiv 1502.01852).
        init.kaiming_normal_(conv.weight, nonlinearity: init.NonlinearityType.ReLU);
        if (conv.bias is not null)
            init.zeros_(conv.bias);
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        return step.ForwardRelu(input).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public void Fold()
    {
        eval();
        step.Fold();
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
            step.Dispose();
        base.Dispose(disposing);
    }
}
