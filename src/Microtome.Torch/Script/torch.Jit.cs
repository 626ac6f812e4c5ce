namespace Microtome.Torch;

public static partial class torch
{
    /// <summary>TorchScript files as models.</summary>
    public static class jit
    {
        /// <inheritdoc cref="ScriptModule.Load"/>
        public static ScriptModule load(string filename, Device? device = null) => ScriptModule.From(ScriptModule.Load(filename, device), filename);

        /// <inheritdoc cref="ScriptModule.Load"/>
        public static ScriptModule<T, TResult> load<T, TResult>(string filename, Device? device = null) => new(ScriptModule.Load(filename, device), filename);

        /// <inheritdoc cref="ScriptModule.Load"/>
        public static ScriptModule<T1, T2, TResult> load<T1, T2, TResult>(string filename, Device? device = null) => new(ScriptModule.Load(filename, device), filename);
    }
}
