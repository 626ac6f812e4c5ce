namespace Microtome.Torch;

public static partial class torch
{
    /// <summary>TorchScript files as models. A file keeps the mode (training or not) in which it was saved: call eval() before use.</summary>
    public static class jit
    {
        /// <summary>Loads a file.</summary>
        /// <exception cref="TorchException">The file is missing or is not TorchScript; the message is libtorch's.</exception>
        public static ScriptModule load(string filename, Device? device = null) => new(new ScriptProgram(filename, device));

        /// <inheritdoc cref="load(string, Device?)"/>
        public static ScriptModule<T, TResult> load<T, TResult>(string filename, Device? device = null) => new(new ScriptProgram(filename, device));

        /// <inheritdoc cref="load(string, Device?)"/>
        public static ScriptModule<T1, T2, TResult> load<T1, T2, TResult>(string filename, Device? device = null) => new(new ScriptProgram(filename, device));
    }
}
