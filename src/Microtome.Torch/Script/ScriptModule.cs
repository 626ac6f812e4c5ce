using static Microtome.Torch.torch;
using static Microtome.Torch.torch.nn;

namespace Microtome.Torch;

/// <summary>
/// A network from a TorchScript file: code and weights in one, written by <c>torch.jit.save</c> in Python. Any number of inputs and outputs.
/// It is a module like others: its parameters can be moved, saved and trained.
/// </summary>
public sealed class ScriptModule : Module
{
    private readonly ScriptProgram program;

    internal ScriptModule(ScriptProgram program)
        : base(nameof(ScriptModule))
    {
        this.program = program;
        program.Register(this);
        base.train(program.IsTraining);
    }

    /// <summary>Runs the network. A tuple or list of tensors comes back flattened, in order.</summary>
    /// <exception cref="TorchException">libtorch refused the inputs; its message has the line of the script.</exception>
    public Tensor[] forward(params Tensor[] inputs) => program.Run(inputs);

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
