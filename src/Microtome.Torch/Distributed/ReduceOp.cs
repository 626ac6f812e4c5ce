namespace Microtome.Torch;

/// <summary>How the values of several processes become one.</summary>
public enum ReduceOp
{
    SUM = 0,
    AVG = 1,
    PRODUCT = 2,
    MIN = 3,
    MAX = 4,
}
