import type { Solver, SolverName } from "../lp/solver.js";
import { loadGlpkSolver } from "./glpk.js";
import { loadHighsSolver } from "./highs.js";

/**
 * Loads a solver by name; only the one asked for.
 * @throws SolverError when the optional package glpk.js is asked for and not installed.
 */
export async function loadSolver(name: SolverName): Promise<Solver> {
  return name === "highs" ? loadHighsSolver() : loadGlpkSolver();
}
