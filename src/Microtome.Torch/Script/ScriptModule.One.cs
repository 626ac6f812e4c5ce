using static Microtome.Torch.torch;
using static Microtome.Torch.torch.nn;

namespace Microtome.Torch;

/// <summary>A TorchScript network of one input. <typeparamref name="T"/> is Tensor; <typeparamref name="TResult"/> is Tensor, a tuple of two or three of them, or Tensor[].</summary>
public sealed class ScriptModule<T, TResult> : Module<T, TResult>
{
    private readonly ScriptProgram program;

    internal ScriptModule(ScriptProgram program)
        : base(nameof(ScriptModule))
    {
        this.program = program;
        program.Register(this);
        base.train(program.IsTraining);
    }

    /// <inheritdoc cref="ScriptModule.forward"/>
    public override TResult forward(T input) => program.Shape<TResult>(program.Run(ScriptProgram.Input(input)));

    /// <inheritdoc/>
    public override void train(bool on = true)
    {
        base.train(on);
        program.Train(on);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        program.Dispose();
    }
}
