"""SDMetrics' `DCROverfittingProtection`: the share of released rows nearer to the training table than to a holdout."""

import json
import warnings

from neighbors_serving import serve, timed


def prepare(folder):
    """Read the tables; keep the distances that the metric computes."""
    import pandas as pd
    import sdmetrics
    from sdmetrics.single_table.privacy import dcr_overfitting_protection as home

    names = ("training", "holdout", "queries")
    training, holdout, released = (pd.read_parquet(folder / f"{name}.parquet") for name in names)
    ordered = json.loads((folder / "bounds.json").read_text())["training"]
    kinds = {name: {"sdtype": "numerical" if ordered[name] else "categorical"} for name in training}
    computed, calculate = [], home.calculate_dcr

    def recording(**tables):
        computed.append(calculate(**tables).to_numpy())
        return pd.Series(computed[-1])

    home.calculate_dcr = recording
    warnings.simplefilter("ignore")

    def work(rows):
        computed.clear()
        metric = home.DCROverfittingProtection.compute_breakdown
        tables = {"real_training_data": training, "real_validation_data": holdout, "synthetic_data": released[:rows]}
        seconds, found = timed(metric, **tables, metadata={"tables": {"rows": {"columns": kinds}}}, table_name="rows")
        share = found["synthetic_data_percentages"]["closer_to_training"]
        return {"query": seconds}, dict(zip(("training", "holdout"), computed)), {"closer to training": share}

    return {"sdmetrics": sdmetrics.__version__}, work


if __name__ == "__main__":
    serve(prepare)
