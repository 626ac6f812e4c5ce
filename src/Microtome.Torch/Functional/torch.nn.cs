namespace Microtome.Torch;

public static partial class torch
{
    /// <summary>Networks: modules, their functions, their initial values.</summary>
    public static partial class nn
    {
        /// <summary>What a loss does with the losses of its elements.</summary>
        public enum Reduction
        {
            None = 0,
            Mean = 1,
            Sum = 2,
        }
    }
}
