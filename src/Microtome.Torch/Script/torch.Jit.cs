namespace Microtome.Torch;

public static partial class torch
{
    /// <summary>TorchScript files as models. A file keeps the mode (training or not) in which it was saved: call eval() before use.</summary>
    public static class jit
    {
        /// <summary>Loads a file.</summary>
        /// <exception cref="TorchException">The file is missing or is not TorchScript; the message is libtorch's.</exception>
        public static ScriptModule load(string filename, Device? device = null) => new(new ScriptProgram(filename, device));

        /// <summary>
        /// Loads a file for inference alone, in eval mode: its weights become constants of its code (so it has no parameters), batch norms part of the
        /// convolutions before them, and convolutions channels-last. Faster; the last digits of the outputs may differ.
        /// </summary>
        /// <exception cref="TorchException">The file is missing or is not TorchScript; the message is libtorch's.</exception>
        public static ScriptModule load_frozen(string filename, Device? device = null) => new(new ScriptProgram(filename, device, freeze: true));

        /// <inheritdoc cref="load(string, Device?)"/>
        public static ScriptModule<T, TResult> load<T, TResult>(string filename, Device? device = null) => new(new ScriptProgram(filename, device));

        /// <inheritdoc cref="load(string, Device?)"/>
        public static ScriptModule<T1, T2, TResult> load<T1, T2, TResult>(string filename, Device? device = null) => new(new ScriptProgram(filename, device));
    }
}
