from archcalc.v1 import validate_pb2 as _validate_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class NetworkFormat(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    NETWORK_FORMAT_UNSPECIFIED: _ClassVar[NetworkFormat]
    NETWORK_FORMAT_ONNX: _ClassVar[NetworkFormat]
    NETWORK_FORMAT_PT2: _ClassVar[NetworkFormat]
    NETWORK_FORMAT_TOML: _ClassVar[NetworkFormat]
    NETWORK_FORMAT_KERAS: _ClassVar[NetworkFormat]
    NETWORK_FORMAT_CAFFE: _ClassVar[NetworkFormat]
    NETWORK_FORMAT_YAML: _ClassVar[NetworkFormat]

class Dtype(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    DTYPE_UNSPECIFIED: _ClassVar[Dtype]
    DTYPE_FLOAT64: _ClassVar[Dtype]
    DTYPE_FLOAT32: _ClassVar[Dtype]
    DTYPE_FLOAT16: _ClassVar[Dtype]
    DTYPE_BFLOAT16: _ClassVar[Dtype]
    DTYPE_INT8: _ClassVar[Dtype]

class Optimizer(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    OPTIMIZER_UNSPECIFIED: _ClassVar[Optimizer]
    OPTIMIZER_SGD: _ClassVar[Optimizer]
    OPTIMIZER_SGD_MOMENTUM: _ClassVar[Optimizer]
    OPTIMIZER_ADAM: _ClassVar[Optimizer]
    OPTIMIZER_ADAMW: _ClassVar[Optimizer]
    OPTIMIZER_RMSPROP: _ClassVar[Optimizer]

class TrainingPrecision(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    TRAINING_PRECISION_UNSPECIFIED: _ClassVar[TrainingPrecision]
    TRAINING_PRECISION_FLOAT32: _ClassVar[TrainingPrecision]
    TRAINING_PRECISION_FLOAT64: _ClassVar[TrainingPrecision]
    TRAINING_PRECISION_FLOAT16: _ClassVar[TrainingPrecision]
    TRAINING_PRECISION_BFLOAT16: _ClassVar[TrainingPrecision]
    TRAINING_PRECISION_AMP_FP16: _ClassVar[TrainingPrecision]
    TRAINING_PRECISION_AMP_BF16: _ClassVar[TrainingPrecision]

class OptimizerImplementation(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    OPTIMIZER_IMPLEMENTATION_UNSPECIFIED: _ClassVar[OptimizerImplementation]
    OPTIMIZER_IMPLEMENTATION_FOREACH: _ClassVar[OptimizerImplementation]
    OPTIMIZER_IMPLEMENTATION_LOOP: _ClassVar[OptimizerImplementation]
    OPTIMIZER_IMPLEMENTATION_FUSED: _ClassVar[OptimizerImplementation]

class InPlace(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    IN_PLACE_UNSPECIFIED: _ClassVar[InPlace]
    IN_PLACE_WRITTEN: _ClassVar[InPlace]
    IN_PLACE_ALL: _ClassVar[InPlace]
    IN_PLACE_NONE: _ClassVar[InPlace]

class CitationKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CITATION_KIND_UNSPECIFIED: _ClassVar[CitationKind]
    CITATION_KIND_ARTICLE: _ClassVar[CitationKind]
    CITATION_KIND_INPROCEEDINGS: _ClassVar[CitationKind]
    CITATION_KIND_MISC: _ClassVar[CitationKind]

class OptionKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    OPTION_KIND_UNSPECIFIED: _ClassVar[OptionKind]
    OPTION_KIND_WHOLE: _ClassVar[OptionKind]
    OPTION_KIND_REAL: _ClassVar[OptionKind]
    OPTION_KIND_CHOICE: _ClassVar[OptionKind]
    OPTION_KIND_SWITCH: _ClassVar[OptionKind]
    OPTION_KIND_OTHER: _ClassVar[OptionKind]

class Confirmed(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CONFIRMED_UNSPECIFIED: _ClassVar[Confirmed]
    CONFIRMED_MODEL: _ClassVar[Confirmed]
    CONFIRMED_TEXT: _ClassVar[Confirmed]
    CONFIRMED_FAMILY: _ClassVar[Confirmed]

class CountedOf(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    COUNTED_OF_UNSPECIFIED: _ClassVar[CountedOf]
    COUNTED_OF_WORK: _ClassVar[CountedOf]
    COUNTED_OF_PARAMETERS: _ClassVar[CountedOf]
    COUNTED_OF_MEMORY: _ClassVar[CountedOf]

class Task(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    TASK_UNSPECIFIED: _ClassVar[Task]
    TASK_INFERENCE: _ClassVar[Task]
    TASK_TRAINING: _ClassVar[Task]

class Runtime(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    RUNTIME_UNSPECIFIED: _ClassVar[Runtime]
    RUNTIME_EAGER: _ClassVar[Runtime]
    RUNTIME_COMPILED: _ClassVar[Runtime]

class Layout(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    LAYOUT_UNSPECIFIED: _ClassVar[Layout]
    LAYOUT_NCHW: _ClassVar[Layout]
    LAYOUT_NHWC: _ClassVar[Layout]

class Bottleneck(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    BOTTLENECK_UNSPECIFIED: _ClassVar[Bottleneck]
    BOTTLENECK_COMPUTE: _ClassVar[Bottleneck]
    BOTTLENECK_MEMORY: _ClassVar[Bottleneck]
    BOTTLENECK_LAUNCH: _ClassVar[Bottleneck]

class ErrorBasis(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ERROR_BASIS_UNSPECIFIED: _ClassVar[ErrorBasis]
    ERROR_BASIS_THIS_DEVICE: _ClassVar[ErrorBasis]
    ERROR_BASIS_OTHER_DEVICES: _ClassVar[ErrorBasis]
    ERROR_BASIS_ANOTHER_DEVICE: _ClassVar[ErrorBasis]

class StepPhase(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    STEP_PHASE_UNSPECIFIED: _ClassVar[StepPhase]
    STEP_PHASE_FORWARD: _ClassVar[StepPhase]
    STEP_PHASE_BACKWARD: _ClassVar[StepPhase]
    STEP_PHASE_OPTIMIZER: _ClassVar[StepPhase]

class MemoryKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    MEMORY_KIND_UNSPECIFIED: _ClassVar[MemoryKind]
    MEMORY_KIND_PARAMETERS: _ClassVar[MemoryKind]
    MEMORY_KIND_BUFFERS: _ClassVar[MemoryKind]
    MEMORY_KIND_MASTER_WEIGHTS: _ClassVar[MemoryKind]
    MEMORY_KIND_OPTIMIZER_STATE: _ClassVar[MemoryKind]
    MEMORY_KIND_GRADIENTS: _ClassVar[MemoryKind]
    MEMORY_KIND_DATA: _ClassVar[MemoryKind]
    MEMORY_KIND_SAVED_ACTIVATIONS: _ClassVar[MemoryKind]
    MEMORY_KIND_ACTIVATIONS: _ClassVar[MemoryKind]
    MEMORY_KIND_ACTIVATION_GRADIENTS: _ClassVar[MemoryKind]
    MEMORY_KIND_WEIGHT_COPIES: _ClassVar[MemoryKind]
    MEMORY_KIND_TEMPORARIES: _ClassVar[MemoryKind]

class Role(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ROLE_UNSPECIFIED: _ClassVar[Role]
    ROLE_INPUT: _ClassVar[Role]
    ROLE_CONV: _ClassVar[Role]
    ROLE_LINEAR: _ClassVar[Role]
    ROLE_POOL: _ClassVar[Role]
    ROLE_MERGE: _ClassVar[Role]
    ROLE_NORM: _ClassVar[Role]
    ROLE_ACTIVATION: _ClassVar[Role]
    ROLE_LAYOUT: _ClassVar[Role]

class VariableKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    VARIABLE_KIND_UNSPECIFIED: _ClassVar[VariableKind]
    VARIABLE_KIND_SIZE: _ClassVar[VariableKind]
    VARIABLE_KIND_WIDTH: _ClassVar[VariableKind]
    VARIABLE_KIND_DEPTH: _ClassVar[VariableKind]

class AuditVerdict(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    AUDIT_VERDICT_UNSPECIFIED: _ClassVar[AuditVerdict]
    AUDIT_VERDICT_EXACT: _ClassVar[AuditVerdict]
    AUDIT_VERDICT_WITHIN_THE_PRINTED_DIGITS: _ClassVar[AuditVerdict]
    AUDIT_VERDICT_HOLDS_UNDER: _ClassVar[AuditVerdict]
    AUDIT_VERDICT_CONTRADICTED: _ClassVar[AuditVerdict]
    AUDIT_VERDICT_NOT_COMPUTABLE: _ClassVar[AuditVerdict]
    AUDIT_VERDICT_NOT_EVALUATED: _ClassVar[AuditVerdict]

class ReadingStrength(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    READING_STRENGTH_UNSPECIFIED: _ClassVar[ReadingStrength]
    READING_STRENGTH_CLAIMED: _ClassVar[ReadingStrength]
    READING_STRENGTH_WEAK: _ClassVar[ReadingStrength]
    READING_STRENGTH_NEAR: _ClassVar[ReadingStrength]

class ColumnKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    COLUMN_KIND_UNSPECIFIED: _ClassVar[ColumnKind]
    COLUMN_KIND_WHOLE: _ClassVar[ColumnKind]
    COLUMN_KIND_REAL: _ClassVar[ColumnKind]
    COLUMN_KIND_TEXT: _ClassVar[ColumnKind]
    COLUMN_KIND_FLAG: _ClassVar[ColumnKind]

class SweepEnded(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SWEEP_ENDED_UNSPECIFIED: _ClassVar[SweepEnded]
    SWEEP_ENDED_POINTS: _ClassVar[SweepEnded]
    SWEEP_ENDED_SAMPLE: _ClassVar[SweepEnded]
    SWEEP_ENDED_LIMIT: _ClassVar[SweepEnded]
    SWEEP_ENDED_DRAWS: _ClassVar[SweepEnded]

class GraphFormat(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    GRAPH_FORMAT_UNSPECIFIED: _ClassVar[GraphFormat]
    GRAPH_FORMAT_DOT: _ClassVar[GraphFormat]
    GRAPH_FORMAT_SVG: _ClassVar[GraphFormat]
    GRAPH_FORMAT_PDF: _ClassVar[GraphFormat]
    GRAPH_FORMAT_PNG: _ClassVar[GraphFormat]

class PictureView(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    PICTURE_VIEW_UNSPECIFIED: _ClassVar[PictureView]
    PICTURE_VIEW_GRAPH: _ClassVar[PictureView]
    PICTURE_VIEW_VOLUME: _ClassVar[PictureView]
    PICTURE_VIEW_BLOCK: _ClassVar[PictureView]

class PictureDirection(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    PICTURE_DIRECTION_UNSPECIFIED: _ClassVar[PictureDirection]
    PICTURE_DIRECTION_DOWN: _ClassVar[PictureDirection]
    PICTURE_DIRECTION_RIGHT: _ClassVar[PictureDirection]

class PictureCosts(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    PICTURE_COSTS_UNSPECIFIED: _ClassVar[PictureCosts]
    PICTURE_COSTS_MULT_ADDS: _ClassVar[PictureCosts]
    PICTURE_COSTS_PARAMS: _ClassVar[PictureCosts]
    PICTURE_COSTS_ACTIVATIONS: _ClassVar[PictureCosts]
    PICTURE_COSTS_NONE: _ClassVar[PictureCosts]

class PlotFormat(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    PLOT_FORMAT_UNSPECIFIED: _ClassVar[PlotFormat]
    PLOT_FORMAT_SVG: _ClassVar[PlotFormat]
    PLOT_FORMAT_PDF: _ClassVar[PlotFormat]
    PLOT_FORMAT_PNG: _ClassVar[PlotFormat]
    PLOT_FORMAT_CSV: _ClassVar[PlotFormat]

class Precision(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    PRECISION_UNSPECIFIED: _ClassVar[Precision]
    PRECISION_FLOAT32: _ClassVar[Precision]
    PRECISION_TF32: _ClassVar[Precision]
    PRECISION_FLOAT16: _ClassVar[Precision]
    PRECISION_BFLOAT16: _ClassVar[Precision]

class ReportFormat(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    REPORT_FORMAT_UNSPECIFIED: _ClassVar[ReportFormat]
    REPORT_FORMAT_PDF: _ClassVar[ReportFormat]
    REPORT_FORMAT_HTML: _ClassVar[ReportFormat]
    REPORT_FORMAT_MD: _ClassVar[ReportFormat]

class Check(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CHECK_UNSPECIFIED: _ClassVar[Check]
    CHECK_SHAPES: _ClassVar[Check]
    CHECK_PARAMETERS: _ClassVar[Check]
    CHECK_FLOPS: _ClassVar[Check]
    CHECK_FVCORE: _ClassVar[Check]
    CHECK_REFERENCES: _ClassVar[Check]
    CHECK_FIELD: _ClassVar[Check]
    CHECK_MEMORY: _ClassVar[Check]

class OutcomeStatus(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    OUTCOME_STATUS_UNSPECIFIED: _ClassVar[OutcomeStatus]
    OUTCOME_STATUS_AGREES: _ClassVar[OutcomeStatus]
    OUTCOME_STATUS_DIFFERS: _ClassVar[OutcomeStatus]
    OUTCOME_STATUS_FAILED: _ClassVar[OutcomeStatus]
    OUTCOME_STATUS_NOT_RUN: _ClassVar[OutcomeStatus]
NETWORK_FORMAT_UNSPECIFIED: NetworkFormat
NETWORK_FORMAT_ONNX: NetworkFormat
NETWORK_FORMAT_PT2: NetworkFormat
NETWORK_FORMAT_TOML: NetworkFormat
NETWORK_FORMAT_KERAS: NetworkFormat
NETWORK_FORMAT_CAFFE: NetworkFormat
NETWORK_FORMAT_YAML: NetworkFormat
DTYPE_UNSPECIFIED: Dtype
DTYPE_FLOAT64: Dtype
DTYPE_FLOAT32: Dtype
DTYPE_FLOAT16: Dtype
DTYPE_BFLOAT16: Dtype
DTYPE_INT8: Dtype
OPTIMIZER_UNSPECIFIED: Optimizer
OPTIMIZER_SGD: Optimizer
OPTIMIZER_SGD_MOMENTUM: Optimizer
OPTIMIZER_ADAM: Optimizer
OPTIMIZER_ADAMW: Optimizer
OPTIMIZER_RMSPROP: Optimizer
TRAINING_PRECISION_UNSPECIFIED: TrainingPrecision
TRAINING_PRECISION_FLOAT32: TrainingPrecision
TRAINING_PRECISION_FLOAT64: TrainingPrecision
TRAINING_PRECISION_FLOAT16: TrainingPrecision
TRAINING_PRECISION_BFLOAT16: TrainingPrecision
TRAINING_PRECISION_AMP_FP16: TrainingPrecision
TRAINING_PRECISION_AMP_BF16: TrainingPrecision
OPTIMIZER_IMPLEMENTATION_UNSPECIFIED: OptimizerImplementation
OPTIMIZER_IMPLEMENTATION_FOREACH: OptimizerImplementation
OPTIMIZER_IMPLEMENTATION_LOOP: OptimizerImplementation
OPTIMIZER_IMPLEMENTATION_FUSED: OptimizerImplementation
IN_PLACE_UNSPECIFIED: InPlace
IN_PLACE_WRITTEN: InPlace
IN_PLACE_ALL: InPlace
IN_PLACE_NONE: InPlace
CITATION_KIND_UNSPECIFIED: CitationKind
CITATION_KIND_ARTICLE: CitationKind
CITATION_KIND_INPROCEEDINGS: CitationKind
CITATION_KIND_MISC: CitationKind
OPTION_KIND_UNSPECIFIED: OptionKind
OPTION_KIND_WHOLE: OptionKind
OPTION_KIND_REAL: OptionKind
OPTION_KIND_CHOICE: OptionKind
OPTION_KIND_SWITCH: OptionKind
OPTION_KIND_OTHER: OptionKind
CONFIRMED_UNSPECIFIED: Confirmed
CONFIRMED_MODEL: Confirmed
CONFIRMED_TEXT: Confirmed
CONFIRMED_FAMILY: Confirmed
COUNTED_OF_UNSPECIFIED: CountedOf
COUNTED_OF_WORK: CountedOf
COUNTED_OF_PARAMETERS: CountedOf
COUNTED_OF_MEMORY: CountedOf
TASK_UNSPECIFIED: Task
TASK_INFERENCE: Task
TASK_TRAINING: Task
RUNTIME_UNSPECIFIED: Runtime
RUNTIME_EAGER: Runtime
RUNTIME_COMPILED: Runtime
LAYOUT_UNSPECIFIED: Layout
LAYOUT_NCHW: Layout
LAYOUT_NHWC: Layout
BOTTLENECK_UNSPECIFIED: Bottleneck
BOTTLENECK_COMPUTE: Bottleneck
BOTTLENECK_MEMORY: Bottleneck
BOTTLENECK_LAUNCH: Bottleneck
ERROR_BASIS_UNSPECIFIED: ErrorBasis
ERROR_BASIS_THIS_DEVICE: ErrorBasis
ERROR_BASIS_OTHER_DEVICES: ErrorBasis
ERROR_BASIS_ANOTHER_DEVICE: ErrorBasis
STEP_PHASE_UNSPECIFIED: StepPhase
STEP_PHASE_FORWARD: StepPhase
STEP_PHASE_BACKWARD: StepPhase
STEP_PHASE_OPTIMIZER: StepPhase
MEMORY_KIND_UNSPECIFIED: MemoryKind
MEMORY_KIND_PARAMETERS: MemoryKind
MEMORY_KIND_BUFFERS: MemoryKind
MEMORY_KIND_MASTER_WEIGHTS: MemoryKind
MEMORY_KIND_OPTIMIZER_STATE: MemoryKind
MEMORY_KIND_GRADIENTS: MemoryKind
MEMORY_KIND_DATA: MemoryKind
MEMORY_KIND_SAVED_ACTIVATIONS: MemoryKind
MEMORY_KIND_ACTIVATIONS: MemoryKind
MEMORY_KIND_ACTIVATION_GRADIENTS: MemoryKind
MEMORY_KIND_WEIGHT_COPIES: MemoryKind
MEMORY_KIND_TEMPORARIES: MemoryKind
ROLE_UNSPECIFIED: Role
ROLE_INPUT: Role
ROLE_CONV: Role
ROLE_LINEAR: Role
ROLE_POOL: Role
ROLE_MERGE: Role
ROLE_NORM: Role
ROLE_ACTIVATION: Role
ROLE_LAYOUT: Role
VARIABLE_KIND_UNSPECIFIED: VariableKind
VARIABLE_KIND_SIZE: VariableKind
VARIABLE_KIND_WIDTH: VariableKind
VARIABLE_KIND_DEPTH: VariableKind
AUDIT_VERDICT_UNSPECIFIED: AuditVerdict
AUDIT_VERDICT_EXACT: AuditVerdict
AUDIT_VERDICT_WITHIN_THE_PRINTED_DIGITS: AuditVerdict
AUDIT_VERDICT_HOLDS_UNDER: AuditVerdict
AUDIT_VERDICT_CONTRADICTED: AuditVerdict
AUDIT_VERDICT_NOT_COMPUTABLE: AuditVerdict
AUDIT_VERDICT_NOT_EVALUATED: AuditVerdict
READING_STRENGTH_UNSPECIFIED: ReadingStrength
READING_STRENGTH_CLAIMED: ReadingStrength
READING_STRENGTH_WEAK: ReadingStrength
READING_STRENGTH_NEAR: ReadingStrength
COLUMN_KIND_UNSPECIFIED: ColumnKind
COLUMN_KIND_WHOLE: ColumnKind
COLUMN_KIND_REAL: ColumnKind
COLUMN_KIND_TEXT: ColumnKind
COLUMN_KIND_FLAG: ColumnKind
SWEEP_ENDED_UNSPECIFIED: SweepEnded
SWEEP_ENDED_POINTS: SweepEnded
SWEEP_ENDED_SAMPLE: SweepEnded
SWEEP_ENDED_LIMIT: SweepEnded
SWEEP_ENDED_DRAWS: SweepEnded
GRAPH_FORMAT_UNSPECIFIED: GraphFormat
GRAPH_FORMAT_DOT: GraphFormat
GRAPH_FORMAT_SVG: GraphFormat
GRAPH_FORMAT_PDF: GraphFormat
GRAPH_FORMAT_PNG: GraphFormat
PICTURE_VIEW_UNSPECIFIED: PictureView
PICTURE_VIEW_GRAPH: PictureView
PICTURE_VIEW_VOLUME: PictureView
PICTURE_VIEW_BLOCK: PictureView
PICTURE_DIRECTION_UNSPECIFIED: PictureDirection
PICTURE_DIRECTION_DOWN: PictureDirection
PICTURE_DIRECTION_RIGHT: PictureDirection
PICTURE_COSTS_UNSPECIFIED: PictureCosts
PICTURE_COSTS_MULT_ADDS: PictureCosts
PICTURE_COSTS_PARAMS: PictureCosts
PICTURE_COSTS_ACTIVATIONS: PictureCosts
PICTURE_COSTS_NONE: PictureCosts
PLOT_FORMAT_UNSPECIFIED: PlotFormat
PLOT_FORMAT_SVG: PlotFormat
PLOT_FORMAT_PDF: PlotFormat
PLOT_FORMAT_PNG: PlotFormat
PLOT_FORMAT_CSV: PlotFormat
PRECISION_UNSPECIFIED: Precision
PRECISION_FLOAT32: Precision
PRECISION_TF32: Precision
PRECISION_FLOAT16: Precision
PRECISION_BFLOAT16: Precision
REPORT_FORMAT_UNSPECIFIED: ReportFormat
REPORT_FORMAT_PDF: ReportFormat
REPORT_FORMAT_HTML: ReportFormat
REPORT_FORMAT_MD: ReportFormat
CHECK_UNSPECIFIED: Check
CHECK_SHAPES: Check
CHECK_PARAMETERS: Check
CHECK_FLOPS: Check
CHECK_FVCORE: Check
CHECK_REFERENCES: Check
CHECK_FIELD: Check
CHECK_MEMORY: Check
OUTCOME_STATUS_UNSPECIFIED: OutcomeStatus
OUTCOME_STATUS_AGREES: OutcomeStatus
OUTCOME_STATUS_DIFFERS: OutcomeStatus
OUTCOME_STATUS_FAILED: OutcomeStatus
OUTCOME_STATUS_NOT_RUN: OutcomeStatus

class Network(_message.Message):
    __slots__ = ("name", "graph", "file", "inputs", "batch", "dtype", "hyperparameters", "training")
    class HyperparametersEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: Value
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[Value, _Mapping]] = ...) -> None: ...
    NAME_FIELD_NUMBER: _ClassVar[int]
    GRAPH_FIELD_NUMBER: _ClassVar[int]
    FILE_FIELD_NUMBER: _ClassVar[int]
    INPUTS_FIELD_NUMBER: _ClassVar[int]
    BATCH_FIELD_NUMBER: _ClassVar[int]
    DTYPE_FIELD_NUMBER: _ClassVar[int]
    HYPERPARAMETERS_FIELD_NUMBER: _ClassVar[int]
    TRAINING_FIELD_NUMBER: _ClassVar[int]
    name: str
    graph: Graph
    file: NetworkFile
    inputs: _containers.RepeatedCompositeFieldContainer[Shape]
    batch: int
    dtype: Dtype
    hyperparameters: _containers.MessageMap[str, Value]
    training: Training
    def __init__(self, name: _Optional[str] = ..., graph: _Optional[_Union[Graph, _Mapping]] = ..., file: _Optional[_Union[NetworkFile, _Mapping]] = ..., inputs: _Optional[_Iterable[_Union[Shape, _Mapping]]] = ..., batch: _Optional[int] = ..., dtype: _Optional[_Union[Dtype, str]] = ..., hyperparameters: _Optional[_Mapping[str, Value]] = ..., training: _Optional[_Union[Training, _Mapping]] = ...) -> None: ...

class NetworkFile(_message.Message):
    __slots__ = ("data", "format", "name", "input_shape", "settings")
    class SettingsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: Value
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[Value, _Mapping]] = ...) -> None: ...
    DATA_FIELD_NUMBER: _ClassVar[int]
    FORMAT_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    INPUT_SHAPE_FIELD_NUMBER: _ClassVar[int]
    SETTINGS_FIELD_NUMBER: _ClassVar[int]
    data: bytes
    format: NetworkFormat
    name: str
    input_shape: Shape
    settings: _containers.MessageMap[str, Value]
    def __init__(self, data: _Optional[bytes] = ..., format: _Optional[_Union[NetworkFormat, str]] = ..., name: _Optional[str] = ..., input_shape: _Optional[_Union[Shape, _Mapping]] = ..., settings: _Optional[_Mapping[str, Value]] = ...) -> None: ...

class Shape(_message.Message):
    __slots__ = ("sizes",)
    SIZES_FIELD_NUMBER: _ClassVar[int]
    sizes: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, sizes: _Optional[_Iterable[int]] = ...) -> None: ...

class Graph(_message.Message):
    __slots__ = ("name", "inputs", "nodes", "outputs", "settings", "remarks")
    class SettingsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: Value
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[Value, _Mapping]] = ...) -> None: ...
    NAME_FIELD_NUMBER: _ClassVar[int]
    INPUTS_FIELD_NUMBER: _ClassVar[int]
    NODES_FIELD_NUMBER: _ClassVar[int]
    OUTPUTS_FIELD_NUMBER: _ClassVar[int]
    SETTINGS_FIELD_NUMBER: _ClassVar[int]
    REMARKS_FIELD_NUMBER: _ClassVar[int]
    name: str
    inputs: _containers.RepeatedCompositeFieldContainer[GraphInput]
    nodes: _containers.RepeatedCompositeFieldContainer[Node]
    outputs: _containers.RepeatedScalarFieldContainer[int]
    settings: _containers.MessageMap[str, Value]
    remarks: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, name: _Optional[str] = ..., inputs: _Optional[_Iterable[_Union[GraphInput, _Mapping]]] = ..., nodes: _Optional[_Iterable[_Union[Node, _Mapping]]] = ..., outputs: _Optional[_Iterable[int]] = ..., settings: _Optional[_Mapping[str, Value]] = ..., remarks: _Optional[_Iterable[str]] = ...) -> None: ...

class GraphInput(_message.Message):
    __slots__ = ("row", "shape")
    ROW_FIELD_NUMBER: _ClassVar[int]
    SHAPE_FIELD_NUMBER: _ClassVar[int]
    row: str
    shape: Shape
    def __init__(self, row: _Optional[str] = ..., shape: _Optional[_Union[Shape, _Mapping]] = ...) -> None: ...

class Node(_message.Message):
    __slots__ = ("op", "fields", "inputs", "row", "owner")
    class FieldsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: Value
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[Value, _Mapping]] = ...) -> None: ...
    OP_FIELD_NUMBER: _ClassVar[int]
    FIELDS_FIELD_NUMBER: _ClassVar[int]
    INPUTS_FIELD_NUMBER: _ClassVar[int]
    ROW_FIELD_NUMBER: _ClassVar[int]
    OWNER_FIELD_NUMBER: _ClassVar[int]
    op: str
    fields: _containers.MessageMap[str, Value]
    inputs: _containers.RepeatedScalarFieldContainer[int]
    row: str
    owner: int
    def __init__(self, op: _Optional[str] = ..., fields: _Optional[_Mapping[str, Value]] = ..., inputs: _Optional[_Iterable[int]] = ..., row: _Optional[str] = ..., owner: _Optional[int] = ...) -> None: ...

class Training(_message.Message):
    __slots__ = ("optimizer", "precision", "implementation", "weight_decay", "master_weights", "in_place", "train_from", "checkpoint")
    OPTIMIZER_FIELD_NUMBER: _ClassVar[int]
    PRECISION_FIELD_NUMBER: _ClassVar[int]
    IMPLEMENTATION_FIELD_NUMBER: _ClassVar[int]
    WEIGHT_DECAY_FIELD_NUMBER: _ClassVar[int]
    MASTER_WEIGHTS_FIELD_NUMBER: _ClassVar[int]
    IN_PLACE_FIELD_NUMBER: _ClassVar[int]
    TRAIN_FROM_FIELD_NUMBER: _ClassVar[int]
    CHECKPOINT_FIELD_NUMBER: _ClassVar[int]
    optimizer: Optimizer
    precision: TrainingPrecision
    implementation: OptimizerImplementation
    weight_decay: bool
    master_weights: bool
    in_place: InPlace
    train_from: str
    checkpoint: int
    def __init__(self, optimizer: _Optional[_Union[Optimizer, str]] = ..., precision: _Optional[_Union[TrainingPrecision, str]] = ..., implementation: _Optional[_Union[OptimizerImplementation, str]] = ..., weight_decay: _Optional[bool] = ..., master_weights: _Optional[bool] = ..., in_place: _Optional[_Union[InPlace, str]] = ..., train_from: _Optional[str] = ..., checkpoint: _Optional[int] = ...) -> None: ...

class NamedValue(_message.Message):
    __slots__ = ("name", "value")
    NAME_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    name: str
    value: Value
    def __init__(self, name: _Optional[str] = ..., value: _Optional[_Union[Value, _Mapping]] = ...) -> None: ...

class NamedText(_message.Message):
    __slots__ = ("name", "value")
    NAME_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    name: str
    value: str
    def __init__(self, name: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...

class Value(_message.Message):
    __slots__ = ("whole", "real", "flag", "text", "list", "fields", "fraction", "digits", "operation")
    WHOLE_FIELD_NUMBER: _ClassVar[int]
    REAL_FIELD_NUMBER: _ClassVar[int]
    FLAG_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    LIST_FIELD_NUMBER: _ClassVar[int]
    FIELDS_FIELD_NUMBER: _ClassVar[int]
    FRACTION_FIELD_NUMBER: _ClassVar[int]
    DIGITS_FIELD_NUMBER: _ClassVar[int]
    OPERATION_FIELD_NUMBER: _ClassVar[int]
    whole: int
    real: float
    flag: bool
    text: str
    list: ValueList
    fields: ValueFields
    fraction: Fraction
    digits: str
    operation: AppliedOperation
    def __init__(self, whole: _Optional[int] = ..., real: _Optional[float] = ..., flag: _Optional[bool] = ..., text: _Optional[str] = ..., list: _Optional[_Union[ValueList, _Mapping]] = ..., fields: _Optional[_Union[ValueFields, _Mapping]] = ..., fraction: _Optional[_Union[Fraction, _Mapping]] = ..., digits: _Optional[str] = ..., operation: _Optional[_Union[AppliedOperation, _Mapping]] = ...) -> None: ...

class AppliedOperation(_message.Message):
    __slots__ = ("op", "fields")
    class FieldsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: Value
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[Value, _Mapping]] = ...) -> None: ...
    OP_FIELD_NUMBER: _ClassVar[int]
    FIELDS_FIELD_NUMBER: _ClassVar[int]
    op: str
    fields: _containers.MessageMap[str, Value]
    def __init__(self, op: _Optional[str] = ..., fields: _Optional[_Mapping[str, Value]] = ...) -> None: ...

class ValueList(_message.Message):
    __slots__ = ("values",)
    VALUES_FIELD_NUMBER: _ClassVar[int]
    values: _containers.RepeatedCompositeFieldContainer[Value]
    def __init__(self, values: _Optional[_Iterable[_Union[Value, _Mapping]]] = ...) -> None: ...

class ValueFields(_message.Message):
    __slots__ = ("values",)
    VALUES_FIELD_NUMBER: _ClassVar[int]
    values: _containers.RepeatedCompositeFieldContainer[NamedValue]
    def __init__(self, values: _Optional[_Iterable[_Union[NamedValue, _Mapping]]] = ...) -> None: ...

class Fraction(_message.Message):
    __slots__ = ("numerator", "denominator")
    NUMERATOR_FIELD_NUMBER: _ClassVar[int]
    DENOMINATOR_FIELD_NUMBER: _ClassVar[int]
    numerator: int
    denominator: int
    def __init__(self, numerator: _Optional[int] = ..., denominator: _Optional[int] = ...) -> None: ...

class BigCount(_message.Message):
    __slots__ = ("field", "digits")
    FIELD_FIELD_NUMBER: _ClassVar[int]
    DIGITS_FIELD_NUMBER: _ClassVar[int]
    field: str
    digits: str
    def __init__(self, field: _Optional[str] = ..., digits: _Optional[str] = ...) -> None: ...

class NamesRequest(_message.Message):
    __slots__ = ("pattern", "page_size", "page_token")
    PATTERN_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    pattern: str
    page_size: int
    page_token: str
    def __init__(self, pattern: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class NamesResponse(_message.Message):
    __slots__ = ("names", "total_size", "next_page_token")
    NAMES_FIELD_NUMBER: _ClassVar[int]
    TOTAL_SIZE_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    names: _containers.RepeatedScalarFieldContainer[str]
    total_size: int
    next_page_token: str
    def __init__(self, names: _Optional[_Iterable[str]] = ..., total_size: _Optional[int] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class CataloguePageRequest(_message.Message):
    __slots__ = ("pattern", "page_size", "page_token", "convention", "skip")
    PATTERN_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    CONVENTION_FIELD_NUMBER: _ClassVar[int]
    SKIP_FIELD_NUMBER: _ClassVar[int]
    pattern: str
    page_size: int
    page_token: str
    convention: str
    skip: int
    def __init__(self, pattern: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., convention: _Optional[str] = ..., skip: _Optional[int] = ...) -> None: ...

class CataloguePageResponse(_message.Message):
    __slots__ = ("entries", "total_size", "next_page_token")
    ENTRIES_FIELD_NUMBER: _ClassVar[int]
    TOTAL_SIZE_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    entries: _containers.RepeatedCompositeFieldContainer[Entry]
    total_size: int
    next_page_token: str
    def __init__(self, entries: _Optional[_Iterable[_Union[Entry, _Mapping]]] = ..., total_size: _Optional[int] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class Entry(_message.Message):
    __slots__ = ("name", "summary", "authors", "year", "input", "params", "mult_adds", "counted", "left_out", "beyond_64_bits")
    NAME_FIELD_NUMBER: _ClassVar[int]
    SUMMARY_FIELD_NUMBER: _ClassVar[int]
    AUTHORS_FIELD_NUMBER: _ClassVar[int]
    YEAR_FIELD_NUMBER: _ClassVar[int]
    INPUT_FIELD_NUMBER: _ClassVar[int]
    PARAMS_FIELD_NUMBER: _ClassVar[int]
    MULT_ADDS_FIELD_NUMBER: _ClassVar[int]
    COUNTED_FIELD_NUMBER: _ClassVar[int]
    LEFT_OUT_FIELD_NUMBER: _ClassVar[int]
    BEYOND_64_BITS_FIELD_NUMBER: _ClassVar[int]
    name: str
    summary: str
    authors: str
    year: int
    input: Shape
    params: int
    mult_adds: int
    counted: int
    left_out: _containers.RepeatedCompositeFieldContainer[LeftOut]
    beyond_64_bits: _containers.RepeatedCompositeFieldContainer[BigCount]
    def __init__(self, name: _Optional[str] = ..., summary: _Optional[str] = ..., authors: _Optional[str] = ..., year: _Optional[int] = ..., input: _Optional[_Union[Shape, _Mapping]] = ..., params: _Optional[int] = ..., mult_adds: _Optional[int] = ..., counted: _Optional[int] = ..., left_out: _Optional[_Iterable[_Union[LeftOut, _Mapping]]] = ..., beyond_64_bits: _Optional[_Iterable[_Union[BigCount, _Mapping]]] = ...) -> None: ...

class SelectRequest(_message.Message):
    __slots__ = ("pattern", "where", "sort", "settings", "dataset", "recipes", "page_size", "page_token")
    PATTERN_FIELD_NUMBER: _ClassVar[int]
    WHERE_FIELD_NUMBER: _ClassVar[int]
    SORT_FIELD_NUMBER: _ClassVar[int]
    SETTINGS_FIELD_NUMBER: _ClassVar[int]
    DATASET_FIELD_NUMBER: _ClassVar[int]
    RECIPES_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    pattern: str
    where: _containers.RepeatedScalarFieldContainer[str]
    sort: _containers.RepeatedScalarFieldContainer[str]
    settings: _containers.RepeatedCompositeFieldContainer[Setting]
    dataset: str
    recipes: _containers.RepeatedScalarFieldContainer[str]
    page_size: int
    page_token: str
    def __init__(self, pattern: _Optional[str] = ..., where: _Optional[_Iterable[str]] = ..., sort: _Optional[_Iterable[str]] = ..., settings: _Optional[_Iterable[_Union[Setting, _Mapping]]] = ..., dataset: _Optional[str] = ..., recipes: _Optional[_Iterable[str]] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class Setting(_message.Message):
    __slots__ = ("sizes", "batch", "dtype", "hyperparameters", "training")
    class HyperparametersEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: Value
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[Value, _Mapping]] = ...) -> None: ...
    SIZES_FIELD_NUMBER: _ClassVar[int]
    BATCH_FIELD_NUMBER: _ClassVar[int]
    DTYPE_FIELD_NUMBER: _ClassVar[int]
    HYPERPARAMETERS_FIELD_NUMBER: _ClassVar[int]
    TRAINING_FIELD_NUMBER: _ClassVar[int]
    sizes: _containers.RepeatedScalarFieldContainer[int]
    batch: int
    dtype: Dtype
    hyperparameters: _containers.MessageMap[str, Value]
    training: Training
    def __init__(self, sizes: _Optional[_Iterable[int]] = ..., batch: _Optional[int] = ..., dtype: _Optional[_Union[Dtype, str]] = ..., hyperparameters: _Optional[_Mapping[str, Value]] = ..., training: _Optional[_Union[Training, _Mapping]] = ...) -> None: ...

class SelectResponse(_message.Message):
    __slots__ = ("rows", "unknown", "refused", "total_size", "next_page_token")
    ROWS_FIELD_NUMBER: _ClassVar[int]
    UNKNOWN_FIELD_NUMBER: _ClassVar[int]
    REFUSED_FIELD_NUMBER: _ClassVar[int]
    TOTAL_SIZE_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    rows: _containers.RepeatedCompositeFieldContainer[SelectedNetwork]
    unknown: int
    refused: _containers.RepeatedCompositeFieldContainer[NotBuilt]
    total_size: int
    next_page_token: str
    def __init__(self, rows: _Optional[_Iterable[_Union[SelectedNetwork, _Mapping]]] = ..., unknown: _Optional[int] = ..., refused: _Optional[_Iterable[_Union[NotBuilt, _Mapping]]] = ..., total_size: _Optional[int] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class SelectedNetwork(_message.Message):
    __slots__ = ("name", "summary", "year", "changed", "input", "batch", "dtype", "values", "top1", "top5", "recipe")
    class ValuesEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: Value
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[Value, _Mapping]] = ...) -> None: ...
    NAME_FIELD_NUMBER: _ClassVar[int]
    SUMMARY_FIELD_NUMBER: _ClassVar[int]
    YEAR_FIELD_NUMBER: _ClassVar[int]
    CHANGED_FIELD_NUMBER: _ClassVar[int]
    INPUT_FIELD_NUMBER: _ClassVar[int]
    BATCH_FIELD_NUMBER: _ClassVar[int]
    DTYPE_FIELD_NUMBER: _ClassVar[int]
    VALUES_FIELD_NUMBER: _ClassVar[int]
    TOP1_FIELD_NUMBER: _ClassVar[int]
    TOP5_FIELD_NUMBER: _ClassVar[int]
    RECIPE_FIELD_NUMBER: _ClassVar[int]
    name: str
    summary: str
    year: int
    changed: _containers.RepeatedCompositeFieldContainer[NamedValue]
    input: Shape
    batch: int
    dtype: Dtype
    values: _containers.MessageMap[str, Value]
    top1: float
    top5: float
    recipe: str
    def __init__(self, name: _Optional[str] = ..., summary: _Optional[str] = ..., year: _Optional[int] = ..., changed: _Optional[_Iterable[_Union[NamedValue, _Mapping]]] = ..., input: _Optional[_Union[Shape, _Mapping]] = ..., batch: _Optional[int] = ..., dtype: _Optional[_Union[Dtype, str]] = ..., values: _Optional[_Mapping[str, Value]] = ..., top1: _Optional[float] = ..., top5: _Optional[float] = ..., recipe: _Optional[str] = ...) -> None: ...

class NotBuilt(_message.Message):
    __slots__ = ("name", "reason")
    NAME_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    name: str
    reason: str
    def __init__(self, name: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class DescribeRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class DescribeResponse(_message.Message):
    __slots__ = ("description", "space")
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    SPACE_FIELD_NUMBER: _ClassVar[int]
    description: Description
    space: SpaceDescription
    def __init__(self, description: _Optional[_Union[Description, _Mapping]] = ..., space: _Optional[_Union[SpaceDescription, _Mapping]] = ...) -> None: ...

class Description(_message.Message):
    __slots__ = ("name", "summary", "title", "authors", "year", "source", "citation", "documents", "input", "hyperparameters", "aliases", "variants", "patterns", "confirmation", "notes")
    NAME_FIELD_NUMBER: _ClassVar[int]
    SUMMARY_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    AUTHORS_FIELD_NUMBER: _ClassVar[int]
    YEAR_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    CITATION_FIELD_NUMBER: _ClassVar[int]
    DOCUMENTS_FIELD_NUMBER: _ClassVar[int]
    INPUT_FIELD_NUMBER: _ClassVar[int]
    HYPERPARAMETERS_FIELD_NUMBER: _ClassVar[int]
    ALIASES_FIELD_NUMBER: _ClassVar[int]
    VARIANTS_FIELD_NUMBER: _ClassVar[int]
    PATTERNS_FIELD_NUMBER: _ClassVar[int]
    CONFIRMATION_FIELD_NUMBER: _ClassVar[int]
    NOTES_FIELD_NUMBER: _ClassVar[int]
    name: str
    summary: str
    title: str
    authors: str
    year: int
    source: str
    citation: Citation
    documents: _containers.RepeatedScalarFieldContainer[str]
    input: Shape
    hyperparameters: _containers.RepeatedCompositeFieldContainer[Option]
    aliases: _containers.RepeatedScalarFieldContainer[str]
    variants: _containers.RepeatedCompositeFieldContainer[Named]
    patterns: _containers.RepeatedCompositeFieldContainer[Named]
    confirmation: Confirmation
    notes: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, name: _Optional[str] = ..., summary: _Optional[str] = ..., title: _Optional[str] = ..., authors: _Optional[str] = ..., year: _Optional[int] = ..., source: _Optional[str] = ..., citation: _Optional[_Union[Citation, _Mapping]] = ..., documents: _Optional[_Iterable[str]] = ..., input: _Optional[_Union[Shape, _Mapping]] = ..., hyperparameters: _Optional[_Iterable[_Union[Option, _Mapping]]] = ..., aliases: _Optional[_Iterable[str]] = ..., variants: _Optional[_Iterable[_Union[Named, _Mapping]]] = ..., patterns: _Optional[_Iterable[_Union[Named, _Mapping]]] = ..., confirmation: _Optional[_Union[Confirmation, _Mapping]] = ..., notes: _Optional[_Iterable[str]] = ...) -> None: ...

class Citation(_message.Message):
    __slots__ = ("kind", "key", "fields")
    KIND_FIELD_NUMBER: _ClassVar[int]
    KEY_FIELD_NUMBER: _ClassVar[int]
    FIELDS_FIELD_NUMBER: _ClassVar[int]
    kind: CitationKind
    key: str
    fields: _containers.RepeatedCompositeFieldContainer[NamedText]
    def __init__(self, kind: _Optional[_Union[CitationKind, str]] = ..., key: _Optional[str] = ..., fields: _Optional[_Iterable[_Union[NamedText, _Mapping]]] = ...) -> None: ...

class Option(_message.Message):
    __slots__ = ("name", "value", "range", "meaning", "kind", "low", "high", "choices")
    NAME_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    RANGE_FIELD_NUMBER: _ClassVar[int]
    MEANING_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    LOW_FIELD_NUMBER: _ClassVar[int]
    HIGH_FIELD_NUMBER: _ClassVar[int]
    CHOICES_FIELD_NUMBER: _ClassVar[int]
    name: str
    value: Value
    range: str
    meaning: str
    kind: OptionKind
    low: Value
    high: Value
    choices: _containers.RepeatedCompositeFieldContainer[Value]
    def __init__(self, name: _Optional[str] = ..., value: _Optional[_Union[Value, _Mapping]] = ..., range: _Optional[str] = ..., meaning: _Optional[str] = ..., kind: _Optional[_Union[OptionKind, str]] = ..., low: _Optional[_Union[Value, _Mapping]] = ..., high: _Optional[_Union[Value, _Mapping]] = ..., choices: _Optional[_Iterable[_Union[Value, _Mapping]]] = ...) -> None: ...

class Named(_message.Message):
    __slots__ = ("name", "summary")
    NAME_FIELD_NUMBER: _ClassVar[int]
    SUMMARY_FIELD_NUMBER: _ClassVar[int]
    name: str
    summary: str
    def __init__(self, name: _Optional[str] = ..., summary: _Optional[str] = ...) -> None: ...

class Confirmation(_message.Message):
    __slots__ = ("by", "library", "model", "options", "settings", "inputs", "differs", "text")
    BY_FIELD_NUMBER: _ClassVar[int]
    LIBRARY_FIELD_NUMBER: _ClassVar[int]
    MODEL_FIELD_NUMBER: _ClassVar[int]
    OPTIONS_FIELD_NUMBER: _ClassVar[int]
    SETTINGS_FIELD_NUMBER: _ClassVar[int]
    INPUTS_FIELD_NUMBER: _ClassVar[int]
    DIFFERS_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    by: Confirmed
    library: str
    model: str
    options: _containers.RepeatedCompositeFieldContainer[NamedValue]
    settings: _containers.RepeatedCompositeFieldContainer[NamedValue]
    inputs: _containers.RepeatedCompositeFieldContainer[Shape]
    differs: str
    text: str
    def __init__(self, by: _Optional[_Union[Confirmed, str]] = ..., library: _Optional[str] = ..., model: _Optional[str] = ..., options: _Optional[_Iterable[_Union[NamedValue, _Mapping]]] = ..., settings: _Optional[_Iterable[_Union[NamedValue, _Mapping]]] = ..., inputs: _Optional[_Iterable[_Union[Shape, _Mapping]]] = ..., differs: _Optional[str] = ..., text: _Optional[str] = ...) -> None: ...

class SpacesRequest(_message.Message):
    __slots__ = ("page_size", "page_token")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class SpacesResponse(_message.Message):
    __slots__ = ("spaces", "total_size", "next_page_token")
    SPACES_FIELD_NUMBER: _ClassVar[int]
    TOTAL_SIZE_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    spaces: _containers.RepeatedCompositeFieldContainer[SpaceDescription]
    total_size: int
    next_page_token: str
    def __init__(self, spaces: _Optional[_Iterable[_Union[SpaceDescription, _Mapping]]] = ..., total_size: _Optional[int] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class SpaceDescription(_message.Message):
    __slots__ = ("name", "title", "authors", "year", "source", "citation", "documents", "restriction", "restrictions", "dimensions", "formula", "size", "printed", "notes", "points")
    NAME_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    AUTHORS_FIELD_NUMBER: _ClassVar[int]
    YEAR_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    CITATION_FIELD_NUMBER: _ClassVar[int]
    DOCUMENTS_FIELD_NUMBER: _ClassVar[int]
    RESTRICTION_FIELD_NUMBER: _ClassVar[int]
    RESTRICTIONS_FIELD_NUMBER: _ClassVar[int]
    DIMENSIONS_FIELD_NUMBER: _ClassVar[int]
    FORMULA_FIELD_NUMBER: _ClassVar[int]
    SIZE_FIELD_NUMBER: _ClassVar[int]
    PRINTED_FIELD_NUMBER: _ClassVar[int]
    NOTES_FIELD_NUMBER: _ClassVar[int]
    POINTS_FIELD_NUMBER: _ClassVar[int]
    name: str
    title: str
    authors: str
    year: int
    source: str
    citation: Citation
    documents: _containers.RepeatedScalarFieldContainer[str]
    restriction: str
    restrictions: _containers.RepeatedScalarFieldContainer[str]
    dimensions: int
    formula: str
    size: str
    printed: str
    notes: _containers.RepeatedScalarFieldContainer[str]
    points: str
    def __init__(self, name: _Optional[str] = ..., title: _Optional[str] = ..., authors: _Optional[str] = ..., year: _Optional[int] = ..., source: _Optional[str] = ..., citation: _Optional[_Union[Citation, _Mapping]] = ..., documents: _Optional[_Iterable[str]] = ..., restriction: _Optional[str] = ..., restrictions: _Optional[_Iterable[str]] = ..., dimensions: _Optional[int] = ..., formula: _Optional[str] = ..., size: _Optional[str] = ..., printed: _Optional[str] = ..., notes: _Optional[_Iterable[str]] = ..., points: _Optional[str] = ...) -> None: ...

class ResolveRequest(_message.Message):
    __slots__ = ("network",)
    NETWORK_FIELD_NUMBER: _ClassVar[int]
    network: Network
    def __init__(self, network: _Optional[_Union[Network, _Mapping]] = ...) -> None: ...

class ResolveResponse(_message.Message):
    __slots__ = ("resolved",)
    RESOLVED_FIELD_NUMBER: _ClassVar[int]
    resolved: Resolved
    def __init__(self, resolved: _Optional[_Union[Resolved, _Mapping]] = ...) -> None: ...

class Resolved(_message.Message):
    __slots__ = ("name", "input")
    NAME_FIELD_NUMBER: _ClassVar[int]
    INPUT_FIELD_NUMBER: _ClassVar[int]
    name: str
    input: Shape
    def __init__(self, name: _Optional[str] = ..., input: _Optional[_Union[Shape, _Mapping]] = ...) -> None: ...

class AnalyzeRequest(_message.Message):
    __slots__ = ("network", "detail", "convention", "convolutional")
    NETWORK_FIELD_NUMBER: _ClassVar[int]
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    CONVENTION_FIELD_NUMBER: _ClassVar[int]
    CONVOLUTIONAL_FIELD_NUMBER: _ClassVar[int]
    network: Network
    detail: bool
    convention: str
    convolutional: bool
    def __init__(self, network: _Optional[_Union[Network, _Mapping]] = ..., detail: _Optional[bool] = ..., convention: _Optional[str] = ..., convolutional: _Optional[bool] = ...) -> None: ...

class AnalyzeResponse(_message.Message):
    __slots__ = ("analysis",)
    ANALYSIS_FIELD_NUMBER: _ClassVar[int]
    analysis: Analysis
    def __init__(self, analysis: _Optional[_Union[Analysis, _Mapping]] = ...) -> None: ...

class Analysis(_message.Message):
    __slots__ = ("architecture", "citation", "input", "batch", "dtype", "convention", "hyperparameters", "changed", "totals", "layers", "counting", "remarks")
    ARCHITECTURE_FIELD_NUMBER: _ClassVar[int]
    CITATION_FIELD_NUMBER: _ClassVar[int]
    INPUT_FIELD_NUMBER: _ClassVar[int]
    BATCH_FIELD_NUMBER: _ClassVar[int]
    DTYPE_FIELD_NUMBER: _ClassVar[int]
    CONVENTION_FIELD_NUMBER: _ClassVar[int]
    HYPERPARAMETERS_FIELD_NUMBER: _ClassVar[int]
    CHANGED_FIELD_NUMBER: _ClassVar[int]
    TOTALS_FIELD_NUMBER: _ClassVar[int]
    LAYERS_FIELD_NUMBER: _ClassVar[int]
    COUNTING_FIELD_NUMBER: _ClassVar[int]
    REMARKS_FIELD_NUMBER: _ClassVar[int]
    architecture: str
    citation: str
    input: Shape
    batch: int
    dtype: Dtype
    convention: str
    hyperparameters: _containers.RepeatedCompositeFieldContainer[NamedValue]
    changed: _containers.RepeatedCompositeFieldContainer[NamedValue]
    totals: Totals
    layers: _containers.RepeatedCompositeFieldContainer[Layer]
    counting: Counting
    remarks: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, architecture: _Optional[str] = ..., citation: _Optional[str] = ..., input: _Optional[_Union[Shape, _Mapping]] = ..., batch: _Optional[int] = ..., dtype: _Optional[_Union[Dtype, str]] = ..., convention: _Optional[str] = ..., hyperparameters: _Optional[_Iterable[_Union[NamedValue, _Mapping]]] = ..., changed: _Optional[_Iterable[_Union[NamedValue, _Mapping]]] = ..., totals: _Optional[_Union[Totals, _Mapping]] = ..., layers: _Optional[_Iterable[_Union[Layer, _Mapping]]] = ..., counting: _Optional[_Union[Counting, _Mapping]] = ..., remarks: _Optional[_Iterable[str]] = ...) -> None: ...

class Totals(_message.Message):
    __slots__ = ("values",)
    class ValuesEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: Value
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[Value, _Mapping]] = ...) -> None: ...
    VALUES_FIELD_NUMBER: _ClassVar[int]
    values: _containers.MessageMap[str, Value]
    def __init__(self, values: _Optional[_Mapping[str, Value]] = ...) -> None: ...

class Layer(_message.Message):
    __slots__ = ("name", "row", "op", "attributes", "output_shape", "activations", "params", "buffers", "mult_adds", "receptive_field", "left_out_of_activation_sum", "beyond_64_bits", "counted")
    NAME_FIELD_NUMBER: _ClassVar[int]
    ROW_FIELD_NUMBER: _ClassVar[int]
    OP_FIELD_NUMBER: _ClassVar[int]
    ATTRIBUTES_FIELD_NUMBER: _ClassVar[int]
    OUTPUT_SHAPE_FIELD_NUMBER: _ClassVar[int]
    ACTIVATIONS_FIELD_NUMBER: _ClassVar[int]
    PARAMS_FIELD_NUMBER: _ClassVar[int]
    BUFFERS_FIELD_NUMBER: _ClassVar[int]
    MULT_ADDS_FIELD_NUMBER: _ClassVar[int]
    RECEPTIVE_FIELD_FIELD_NUMBER: _ClassVar[int]
    LEFT_OUT_OF_ACTIVATION_SUM_FIELD_NUMBER: _ClassVar[int]
    BEYOND_64_BITS_FIELD_NUMBER: _ClassVar[int]
    COUNTED_FIELD_NUMBER: _ClassVar[int]
    name: str
    row: str
    op: str
    attributes: _containers.RepeatedCompositeFieldContainer[NamedValue]
    output_shape: _containers.RepeatedScalarFieldContainer[int]
    activations: int
    params: int
    buffers: int
    mult_adds: int
    receptive_field: ReceptiveField
    left_out_of_activation_sum: bool
    beyond_64_bits: _containers.RepeatedCompositeFieldContainer[BigCount]
    counted: int
    def __init__(self, name: _Optional[str] = ..., row: _Optional[str] = ..., op: _Optional[str] = ..., attributes: _Optional[_Iterable[_Union[NamedValue, _Mapping]]] = ..., output_shape: _Optional[_Iterable[int]] = ..., activations: _Optional[int] = ..., params: _Optional[int] = ..., buffers: _Optional[int] = ..., mult_adds: _Optional[int] = ..., receptive_field: _Optional[_Union[ReceptiveField, _Mapping]] = ..., left_out_of_activation_sum: _Optional[bool] = ..., beyond_64_bits: _Optional[_Iterable[_Union[BigCount, _Mapping]]] = ..., counted: _Optional[int] = ...) -> None: ...

class Counting(_message.Message):
    __slots__ = ("total", "unit", "quantity", "summary", "tool", "left_out", "beyond_64_bits")
    TOTAL_FIELD_NUMBER: _ClassVar[int]
    UNIT_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    SUMMARY_FIELD_NUMBER: _ClassVar[int]
    TOOL_FIELD_NUMBER: _ClassVar[int]
    LEFT_OUT_FIELD_NUMBER: _ClassVar[int]
    BEYOND_64_BITS_FIELD_NUMBER: _ClassVar[int]
    total: int
    unit: str
    quantity: CountedOf
    summary: str
    tool: str
    left_out: _containers.RepeatedCompositeFieldContainer[LeftOut]
    beyond_64_bits: _containers.RepeatedCompositeFieldContainer[BigCount]
    def __init__(self, total: _Optional[int] = ..., unit: _Optional[str] = ..., quantity: _Optional[_Union[CountedOf, str]] = ..., summary: _Optional[str] = ..., tool: _Optional[str] = ..., left_out: _Optional[_Iterable[_Union[LeftOut, _Mapping]]] = ..., beyond_64_bits: _Optional[_Iterable[_Union[BigCount, _Mapping]]] = ...) -> None: ...

class LeftOut(_message.Message):
    __slots__ = ("op", "nodes", "operations", "beyond_64_bits")
    OP_FIELD_NUMBER: _ClassVar[int]
    NODES_FIELD_NUMBER: _ClassVar[int]
    OPERATIONS_FIELD_NUMBER: _ClassVar[int]
    BEYOND_64_BITS_FIELD_NUMBER: _ClassVar[int]
    op: str
    nodes: int
    operations: int
    beyond_64_bits: _containers.RepeatedCompositeFieldContainer[BigCount]
    def __init__(self, op: _Optional[str] = ..., nodes: _Optional[int] = ..., operations: _Optional[int] = ..., beyond_64_bits: _Optional[_Iterable[_Union[BigCount, _Mapping]]] = ...) -> None: ...

class ReceptiveField(_message.Message):
    __slots__ = ("size", "stride", "offset", "whole_input", "irregular", "local")
    SIZE_FIELD_NUMBER: _ClassVar[int]
    STRIDE_FIELD_NUMBER: _ClassVar[int]
    OFFSET_FIELD_NUMBER: _ClassVar[int]
    WHOLE_INPUT_FIELD_NUMBER: _ClassVar[int]
    IRREGULAR_FIELD_NUMBER: _ClassVar[int]
    LOCAL_FIELD_NUMBER: _ClassVar[int]
    size: Extent
    stride: Fractions
    offset: Extent
    whole_input: bool
    irregular: bool
    local: ReceptiveField
    def __init__(self, size: _Optional[_Union[Extent, _Mapping]] = ..., stride: _Optional[_Union[Fractions, _Mapping]] = ..., offset: _Optional[_Union[Extent, _Mapping]] = ..., whole_input: _Optional[bool] = ..., irregular: _Optional[bool] = ..., local: _Optional[_Union[ReceptiveField, _Mapping]] = ...) -> None: ...

class Extent(_message.Message):
    __slots__ = ("sizes",)
    SIZES_FIELD_NUMBER: _ClassVar[int]
    sizes: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, sizes: _Optional[_Iterable[int]] = ...) -> None: ...

class Fractions(_message.Message):
    __slots__ = ("values",)
    VALUES_FIELD_NUMBER: _ClassVar[int]
    values: _containers.RepeatedCompositeFieldContainer[Fraction]
    def __init__(self, values: _Optional[_Iterable[_Union[Fraction, _Mapping]]] = ...) -> None: ...

class StageFieldsRequest(_message.Message):
    __slots__ = ("networks",)
    NETWORKS_FIELD_NUMBER: _ClassVar[int]
    networks: _containers.RepeatedCompositeFieldContainer[Network]
    def __init__(self, networks: _Optional[_Iterable[_Union[Network, _Mapping]]] = ...) -> None: ...

class StageFieldsResponse(_message.Message):
    __slots__ = ("architectures", "stages")
    ARCHITECTURES_FIELD_NUMBER: _ClassVar[int]
    STAGES_FIELD_NUMBER: _ClassVar[int]
    architectures: _containers.RepeatedScalarFieldContainer[str]
    stages: _containers.RepeatedCompositeFieldContainer[StageFields]
    def __init__(self, architectures: _Optional[_Iterable[str]] = ..., stages: _Optional[_Iterable[_Union[StageFields, _Mapping]]] = ...) -> None: ...

class StageFields(_message.Message):
    __slots__ = ("stage", "fields")
    STAGE_FIELD_NUMBER: _ClassVar[int]
    FIELDS_FIELD_NUMBER: _ClassVar[int]
    stage: str
    fields: _containers.RepeatedCompositeFieldContainer[StageField]
    def __init__(self, stage: _Optional[str] = ..., fields: _Optional[_Iterable[_Union[StageField, _Mapping]]] = ...) -> None: ...

class StageField(_message.Message):
    __slots__ = ("field",)
    FIELD_FIELD_NUMBER: _ClassVar[int]
    field: ReceptiveField
    def __init__(self, field: _Optional[_Union[ReceptiveField, _Mapping]] = ...) -> None: ...

class CompareRequest(_message.Message):
    __slots__ = ("networks",)
    NETWORKS_FIELD_NUMBER: _ClassVar[int]
    networks: _containers.RepeatedCompositeFieldContainer[Network]
    def __init__(self, networks: _Optional[_Iterable[_Union[Network, _Mapping]]] = ...) -> None: ...

class CompareResponse(_message.Message):
    __slots__ = ("networks",)
    NETWORKS_FIELD_NUMBER: _ClassVar[int]
    networks: _containers.RepeatedCompositeFieldContainer[Compared]
    def __init__(self, networks: _Optional[_Iterable[_Union[Compared, _Mapping]]] = ...) -> None: ...

class Compared(_message.Message):
    __slots__ = ("architecture", "input", "batch", "dtype", "convention", "totals", "ratios", "changed")
    class RatiosEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: float
        def __init__(self, key: _Optional[str] = ..., value: _Optional[float] = ...) -> None: ...
    ARCHITECTURE_FIELD_NUMBER: _ClassVar[int]
    INPUT_FIELD_NUMBER: _ClassVar[int]
    BATCH_FIELD_NUMBER: _ClassVar[int]
    DTYPE_FIELD_NUMBER: _ClassVar[int]
    CONVENTION_FIELD_NUMBER: _ClassVar[int]
    TOTALS_FIELD_NUMBER: _ClassVar[int]
    RATIOS_FIELD_NUMBER: _ClassVar[int]
    CHANGED_FIELD_NUMBER: _ClassVar[int]
    architecture: str
    input: Shape
    batch: int
    dtype: Dtype
    convention: str
    totals: Totals
    ratios: _containers.ScalarMap[str, float]
    changed: _containers.RepeatedCompositeFieldContainer[NamedValue]
    def __init__(self, architecture: _Optional[str] = ..., input: _Optional[_Union[Shape, _Mapping]] = ..., batch: _Optional[int] = ..., dtype: _Optional[_Union[Dtype, str]] = ..., convention: _Optional[str] = ..., totals: _Optional[_Union[Totals, _Mapping]] = ..., ratios: _Optional[_Mapping[str, float]] = ..., changed: _Optional[_Iterable[_Union[NamedValue, _Mapping]]] = ...) -> None: ...

class LatencyRequest(_message.Message):
    __slots__ = ("network", "device", "task", "runtime", "layout", "fast_norms")
    NETWORK_FIELD_NUMBER: _ClassVar[int]
    DEVICE_FIELD_NUMBER: _ClassVar[int]
    TASK_FIELD_NUMBER: _ClassVar[int]
    RUNTIME_FIELD_NUMBER: _ClassVar[int]
    LAYOUT_FIELD_NUMBER: _ClassVar[int]
    FAST_NORMS_FIELD_NUMBER: _ClassVar[int]
    network: Network
    device: str
    task: Task
    runtime: Runtime
    layout: Layout
    fast_norms: bool
    def __init__(self, network: _Optional[_Union[Network, _Mapping]] = ..., device: _Optional[str] = ..., task: _Optional[_Union[Task, str]] = ..., runtime: _Optional[_Union[Runtime, str]] = ..., layout: _Optional[_Union[Layout, str]] = ..., fast_norms: _Optional[bool] = ...) -> None: ...

class LatencyResponse(_message.Message):
    __slots__ = ("statement",)
    STATEMENT_FIELD_NUMBER: _ClassVar[int]
    statement: LatencyStatement
    def __init__(self, statement: _Optional[_Union[LatencyStatement, _Mapping]] = ...) -> None: ...

class LatencyStatement(_message.Message):
    __slots__ = ("architecture", "citation", "inputs", "batch", "precision", "changed", "task", "device", "device_name", "runtime", "layout", "seconds", "flops", "bytes", "peak_flops_per_second", "bandwidth_bytes_per_second", "layers", "bounds", "kinds", "error", "remarks", "beyond_64_bits")
    ARCHITECTURE_FIELD_NUMBER: _ClassVar[int]
    CITATION_FIELD_NUMBER: _ClassVar[int]
    INPUTS_FIELD_NUMBER: _ClassVar[int]
    BATCH_FIELD_NUMBER: _ClassVar[int]
    PRECISION_FIELD_NUMBER: _ClassVar[int]
    CHANGED_FIELD_NUMBER: _ClassVar[int]
    TASK_FIELD_NUMBER: _ClassVar[int]
    DEVICE_FIELD_NUMBER: _ClassVar[int]
    DEVICE_NAME_FIELD_NUMBER: _ClassVar[int]
    RUNTIME_FIELD_NUMBER: _ClassVar[int]
    LAYOUT_FIELD_NUMBER: _ClassVar[int]
    SECONDS_FIELD_NUMBER: _ClassVar[int]
    FLOPS_FIELD_NUMBER: _ClassVar[int]
    BYTES_FIELD_NUMBER: _ClassVar[int]
    PEAK_FLOPS_PER_SECOND_FIELD_NUMBER: _ClassVar[int]
    BANDWIDTH_BYTES_PER_SECOND_FIELD_NUMBER: _ClassVar[int]
    LAYERS_FIELD_NUMBER: _ClassVar[int]
    BOUNDS_FIELD_NUMBER: _ClassVar[int]
    KINDS_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    REMARKS_FIELD_NUMBER: _ClassVar[int]
    BEYOND_64_BITS_FIELD_NUMBER: _ClassVar[int]
    architecture: str
    citation: str
    inputs: _containers.RepeatedCompositeFieldContainer[Shape]
    batch: int
    precision: TrainingPrecision
    changed: _containers.RepeatedCompositeFieldContainer[NamedValue]
    task: Task
    device: str
    device_name: str
    runtime: Runtime
    layout: Layout
    seconds: float
    flops: int
    bytes: int
    peak_flops_per_second: int
    bandwidth_bytes_per_second: int
    layers: _containers.RepeatedCompositeFieldContainer[LayerTime]
    bounds: _containers.RepeatedCompositeFieldContainer[TimeShare]
    kinds: _containers.RepeatedCompositeFieldContainer[TimeShare]
    error: ExpectedError
    remarks: _containers.RepeatedScalarFieldContainer[str]
    beyond_64_bits: _containers.RepeatedCompositeFieldContainer[BigCount]
    def __init__(self, architecture: _Optional[str] = ..., citation: _Optional[str] = ..., inputs: _Optional[_Iterable[_Union[Shape, _Mapping]]] = ..., batch: _Optional[int] = ..., precision: _Optional[_Union[TrainingPrecision, str]] = ..., changed: _Optional[_Iterable[_Union[NamedValue, _Mapping]]] = ..., task: _Optional[_Union[Task, str]] = ..., device: _Optional[str] = ..., device_name: _Optional[str] = ..., runtime: _Optional[_Union[Runtime, str]] = ..., layout: _Optional[_Union[Layout, str]] = ..., seconds: _Optional[float] = ..., flops: _Optional[int] = ..., bytes: _Optional[int] = ..., peak_flops_per_second: _Optional[int] = ..., bandwidth_bytes_per_second: _Optional[int] = ..., layers: _Optional[_Iterable[_Union[LayerTime, _Mapping]]] = ..., bounds: _Optional[_Iterable[_Union[TimeShare, _Mapping]]] = ..., kinds: _Optional[_Iterable[_Union[TimeShare, _Mapping]]] = ..., error: _Optional[_Union[ExpectedError, _Mapping]] = ..., remarks: _Optional[_Iterable[str]] = ..., beyond_64_bits: _Optional[_Iterable[_Union[BigCount, _Mapping]]] = ...) -> None: ...

class LayerTime(_message.Message):
    __slots__ = ("name", "phase", "kernels", "flops", "bytes", "seconds", "bound", "beyond_64_bits")
    NAME_FIELD_NUMBER: _ClassVar[int]
    PHASE_FIELD_NUMBER: _ClassVar[int]
    KERNELS_FIELD_NUMBER: _ClassVar[int]
    FLOPS_FIELD_NUMBER: _ClassVar[int]
    BYTES_FIELD_NUMBER: _ClassVar[int]
    SECONDS_FIELD_NUMBER: _ClassVar[int]
    BOUND_FIELD_NUMBER: _ClassVar[int]
    BEYOND_64_BITS_FIELD_NUMBER: _ClassVar[int]
    name: str
    phase: StepPhase
    kernels: int
    flops: int
    bytes: int
    seconds: float
    bound: Bottleneck
    beyond_64_bits: _containers.RepeatedCompositeFieldContainer[BigCount]
    def __init__(self, name: _Optional[str] = ..., phase: _Optional[_Union[StepPhase, str]] = ..., kernels: _Optional[int] = ..., flops: _Optional[int] = ..., bytes: _Optional[int] = ..., seconds: _Optional[float] = ..., bound: _Optional[_Union[Bottleneck, str]] = ..., beyond_64_bits: _Optional[_Iterable[_Union[BigCount, _Mapping]]] = ...) -> None: ...

class TimeShare(_message.Message):
    __slots__ = ("name", "kernels", "seconds")
    NAME_FIELD_NUMBER: _ClassVar[int]
    KERNELS_FIELD_NUMBER: _ClassVar[int]
    SECONDS_FIELD_NUMBER: _ClassVar[int]
    name: str
    kernels: int
    seconds: float
    def __init__(self, name: _Optional[str] = ..., kernels: _Optional[int] = ..., seconds: _Optional[float] = ...) -> None: ...

class ExpectedError(_message.Message):
    __slots__ = ("median", "p90", "within_20", "spearman", "rows", "table", "basis")
    MEDIAN_FIELD_NUMBER: _ClassVar[int]
    P90_FIELD_NUMBER: _ClassVar[int]
    WITHIN_20_FIELD_NUMBER: _ClassVar[int]
    SPEARMAN_FIELD_NUMBER: _ClassVar[int]
    ROWS_FIELD_NUMBER: _ClassVar[int]
    TABLE_FIELD_NUMBER: _ClassVar[int]
    BASIS_FIELD_NUMBER: _ClassVar[int]
    median: float
    p90: float
    within_20: float
    spearman: float
    rows: int
    table: str
    basis: ErrorBasis
    def __init__(self, median: _Optional[float] = ..., p90: _Optional[float] = ..., within_20: _Optional[float] = ..., spearman: _Optional[float] = ..., rows: _Optional[int] = ..., table: _Optional[str] = ..., basis: _Optional[_Union[ErrorBasis, str]] = ...) -> None: ...

class EnergyRequest(_message.Message):
    __slots__ = ("network", "table")
    NETWORK_FIELD_NUMBER: _ClassVar[int]
    TABLE_FIELD_NUMBER: _ClassVar[int]
    network: Network
    table: str
    def __init__(self, network: _Optional[_Union[Network, _Mapping]] = ..., table: _Optional[str] = ...) -> None: ...

class EnergyResponse(_message.Message):
    __slots__ = ("statement",)
    STATEMENT_FIELD_NUMBER: _ClassVar[int]
    statement: EnergyStatement
    def __init__(self, statement: _Optional[_Union[EnergyStatement, _Mapping]] = ...) -> None: ...

class EnergyStatement(_message.Message):
    __slots__ = ("architecture", "citation", "inputs", "batch", "dtype", "changed", "table", "process", "source", "total", "layers", "uncounted_operations", "remarks", "beyond_64_bits")
    ARCHITECTURE_FIELD_NUMBER: _ClassVar[int]
    CITATION_FIELD_NUMBER: _ClassVar[int]
    INPUTS_FIELD_NUMBER: _ClassVar[int]
    BATCH_FIELD_NUMBER: _ClassVar[int]
    DTYPE_FIELD_NUMBER: _ClassVar[int]
    CHANGED_FIELD_NUMBER: _ClassVar[int]
    TABLE_FIELD_NUMBER: _ClassVar[int]
    PROCESS_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    TOTAL_FIELD_NUMBER: _ClassVar[int]
    LAYERS_FIELD_NUMBER: _ClassVar[int]
    UNCOUNTED_OPERATIONS_FIELD_NUMBER: _ClassVar[int]
    REMARKS_FIELD_NUMBER: _ClassVar[int]
    BEYOND_64_BITS_FIELD_NUMBER: _ClassVar[int]
    architecture: str
    citation: str
    inputs: _containers.RepeatedCompositeFieldContainer[Shape]
    batch: int
    dtype: Dtype
    changed: _containers.RepeatedCompositeFieldContainer[NamedValue]
    table: str
    process: str
    source: str
    total: EnergyBounds
    layers: _containers.RepeatedCompositeFieldContainer[LayerEnergy]
    uncounted_operations: int
    remarks: _containers.RepeatedScalarFieldContainer[str]
    beyond_64_bits: _containers.RepeatedCompositeFieldContainer[BigCount]
    def __init__(self, architecture: _Optional[str] = ..., citation: _Optional[str] = ..., inputs: _Optional[_Iterable[_Union[Shape, _Mapping]]] = ..., batch: _Optional[int] = ..., dtype: _Optional[_Union[Dtype, str]] = ..., changed: _Optional[_Iterable[_Union[NamedValue, _Mapping]]] = ..., table: _Optional[str] = ..., process: _Optional[str] = ..., source: _Optional[str] = ..., total: _Optional[_Union[EnergyBounds, _Mapping]] = ..., layers: _Optional[_Iterable[_Union[LayerEnergy, _Mapping]]] = ..., uncounted_operations: _Optional[int] = ..., remarks: _Optional[_Iterable[str]] = ..., beyond_64_bits: _Optional[_Iterable[_Union[BigCount, _Mapping]]] = ...) -> None: ...

class LayerEnergy(_message.Message):
    __slots__ = ("name", "energy")
    NAME_FIELD_NUMBER: _ClassVar[int]
    ENERGY_FIELD_NUMBER: _ClassVar[int]
    name: str
    energy: EnergyBounds
    def __init__(self, name: _Optional[str] = ..., energy: _Optional[_Union[EnergyBounds, _Mapping]] = ...) -> None: ...

class EnergyBounds(_message.Message):
    __slots__ = ("lower_arithmetic_femtojoules", "lower_memory_femtojoules", "upper_arithmetic_femtojoules", "upper_memory_femtojoules", "lower_bytes", "upper_bytes", "beyond_64_bits")
    LOWER_ARITHMETIC_FEMTOJOULES_FIELD_NUMBER: _ClassVar[int]
    LOWER_MEMORY_FEMTOJOULES_FIELD_NUMBER: _ClassVar[int]
    UPPER_ARITHMETIC_FEMTOJOULES_FIELD_NUMBER: _ClassVar[int]
    UPPER_MEMORY_FEMTOJOULES_FIELD_NUMBER: _ClassVar[int]
    LOWER_BYTES_FIELD_NUMBER: _ClassVar[int]
    UPPER_BYTES_FIELD_NUMBER: _ClassVar[int]
    BEYOND_64_BITS_FIELD_NUMBER: _ClassVar[int]
    lower_arithmetic_femtojoules: int
    lower_memory_femtojoules: int
    upper_arithmetic_femtojoules: int
    upper_memory_femtojoules: int
    lower_bytes: int
    upper_bytes: int
    beyond_64_bits: _containers.RepeatedCompositeFieldContainer[BigCount]
    def __init__(self, lower_arithmetic_femtojoules: _Optional[int] = ..., lower_memory_femtojoules: _Optional[int] = ..., upper_arithmetic_femtojoules: _Optional[int] = ..., upper_memory_femtojoules: _Optional[int] = ..., lower_bytes: _Optional[int] = ..., upper_bytes: _Optional[int] = ..., beyond_64_bits: _Optional[_Iterable[_Union[BigCount, _Mapping]]] = ...) -> None: ...

class MemoryRequest(_message.Message):
    __slots__ = ("network", "device")
    NETWORK_FIELD_NUMBER: _ClassVar[int]
    DEVICE_FIELD_NUMBER: _ClassVar[int]
    network: Network
    device: str
    def __init__(self, network: _Optional[_Union[Network, _Mapping]] = ..., device: _Optional[str] = ...) -> None: ...

class MemoryResponse(_message.Message):
    __slots__ = ("statement",)
    STATEMENT_FIELD_NUMBER: _ClassVar[int]
    statement: MemoryStatement
    def __init__(self, statement: _Optional[_Union[MemoryStatement, _Mapping]] = ...) -> None: ...

class MemoryStatement(_message.Message):
    __slots__ = ("architecture", "citation", "inputs", "batch", "precision", "training", "changed", "inference", "step", "phases", "storages", "params", "learnt", "work", "alternatives", "fit", "remarks", "beyond_64_bits")
    ARCHITECTURE_FIELD_NUMBER: _ClassVar[int]
    CITATION_FIELD_NUMBER: _ClassVar[int]
    INPUTS_FIELD_NUMBER: _ClassVar[int]
    BATCH_FIELD_NUMBER: _ClassVar[int]
    PRECISION_FIELD_NUMBER: _ClassVar[int]
    TRAINING_FIELD_NUMBER: _ClassVar[int]
    CHANGED_FIELD_NUMBER: _ClassVar[int]
    INFERENCE_FIELD_NUMBER: _ClassVar[int]
    STEP_FIELD_NUMBER: _ClassVar[int]
    PHASES_FIELD_NUMBER: _ClassVar[int]
    STORAGES_FIELD_NUMBER: _ClassVar[int]
    PARAMS_FIELD_NUMBER: _ClassVar[int]
    LEARNT_FIELD_NUMBER: _ClassVar[int]
    WORK_FIELD_NUMBER: _ClassVar[int]
    ALTERNATIVES_FIELD_NUMBER: _ClassVar[int]
    FIT_FIELD_NUMBER: _ClassVar[int]
    REMARKS_FIELD_NUMBER: _ClassVar[int]
    BEYOND_64_BITS_FIELD_NUMBER: _ClassVar[int]
    architecture: str
    citation: str
    inputs: _containers.RepeatedCompositeFieldContainer[Shape]
    batch: int
    precision: TrainingPrecision
    training: str
    changed: _containers.RepeatedCompositeFieldContainer[NamedValue]
    inference: InferenceMemory
    step: MemoryPeak
    phases: _containers.RepeatedCompositeFieldContainer[MemoryPeak]
    storages: int
    params: int
    learnt: int
    work: StepWork
    alternatives: _containers.RepeatedCompositeFieldContainer[Alternative]
    fit: Fit
    remarks: _containers.RepeatedScalarFieldContainer[str]
    beyond_64_bits: _containers.RepeatedCompositeFieldContainer[BigCount]
    def __init__(self, architecture: _Optional[str] = ..., citation: _Optional[str] = ..., inputs: _Optional[_Iterable[_Union[Shape, _Mapping]]] = ..., batch: _Optional[int] = ..., precision: _Optional[_Union[TrainingPrecision, str]] = ..., training: _Optional[str] = ..., changed: _Optional[_Iterable[_Union[NamedValue, _Mapping]]] = ..., inference: _Optional[_Union[InferenceMemory, _Mapping]] = ..., step: _Optional[_Union[MemoryPeak, _Mapping]] = ..., phases: _Optional[_Iterable[_Union[MemoryPeak, _Mapping]]] = ..., storages: _Optional[int] = ..., params: _Optional[int] = ..., learnt: _Optional[int] = ..., work: _Optional[_Union[StepWork, _Mapping]] = ..., alternatives: _Optional[_Iterable[_Union[Alternative, _Mapping]]] = ..., fit: _Optional[_Union[Fit, _Mapping]] = ..., remarks: _Optional[_Iterable[str]] = ..., beyond_64_bits: _Optional[_Iterable[_Union[BigCount, _Mapping]]] = ...) -> None: ...

class InferenceMemory(_message.Message):
    __slots__ = ("weight_bytes", "ideal_bytes", "best_order_bytes", "is_best", "eager", "beyond_64_bits")
    WEIGHT_BYTES_FIELD_NUMBER: _ClassVar[int]
    IDEAL_BYTES_FIELD_NUMBER: _ClassVar[int]
    BEST_ORDER_BYTES_FIELD_NUMBER: _ClassVar[int]
    IS_BEST_FIELD_NUMBER: _ClassVar[int]
    EAGER_FIELD_NUMBER: _ClassVar[int]
    BEYOND_64_BITS_FIELD_NUMBER: _ClassVar[int]
    weight_bytes: int
    ideal_bytes: int
    best_order_bytes: int
    is_best: bool
    eager: MemoryPeak
    beyond_64_bits: _containers.RepeatedCompositeFieldContainer[BigCount]
    def __init__(self, weight_bytes: _Optional[int] = ..., ideal_bytes: _Optional[int] = ..., best_order_bytes: _Optional[int] = ..., is_best: _Optional[bool] = ..., eager: _Optional[_Union[MemoryPeak, _Mapping]] = ..., beyond_64_bits: _Optional[_Iterable[_Union[BigCount, _Mapping]]] = ...) -> None: ...

class MemoryPeak(_message.Message):
    __slots__ = ("phase", "layer", "op", "bytes", "kinds", "beyond_64_bits")
    PHASE_FIELD_NUMBER: _ClassVar[int]
    LAYER_FIELD_NUMBER: _ClassVar[int]
    OP_FIELD_NUMBER: _ClassVar[int]
    BYTES_FIELD_NUMBER: _ClassVar[int]
    KINDS_FIELD_NUMBER: _ClassVar[int]
    BEYOND_64_BITS_FIELD_NUMBER: _ClassVar[int]
    phase: StepPhase
    layer: str
    op: str
    bytes: int
    kinds: _containers.RepeatedCompositeFieldContainer[KindBytes]
    beyond_64_bits: _containers.RepeatedCompositeFieldContainer[BigCount]
    def __init__(self, phase: _Optional[_Union[StepPhase, str]] = ..., layer: _Optional[str] = ..., op: _Optional[str] = ..., bytes: _Optional[int] = ..., kinds: _Optional[_Iterable[_Union[KindBytes, _Mapping]]] = ..., beyond_64_bits: _Optional[_Iterable[_Union[BigCount, _Mapping]]] = ...) -> None: ...

class KindBytes(_message.Message):
    __slots__ = ("kind", "bytes", "beyond_64_bits")
    KIND_FIELD_NUMBER: _ClassVar[int]
    BYTES_FIELD_NUMBER: _ClassVar[int]
    BEYOND_64_BITS_FIELD_NUMBER: _ClassVar[int]
    kind: MemoryKind
    bytes: int
    beyond_64_bits: _containers.RepeatedCompositeFieldContainer[BigCount]
    def __init__(self, kind: _Optional[_Union[MemoryKind, str]] = ..., bytes: _Optional[int] = ..., beyond_64_bits: _Optional[_Iterable[_Union[BigCount, _Mapping]]] = ...) -> None: ...

class StepWork(_message.Message):
    __slots__ = ("forward_flops", "backward_flops", "recomputed_flops", "optimizer_flops", "beyond_64_bits")
    FORWARD_FLOPS_FIELD_NUMBER: _ClassVar[int]
    BACKWARD_FLOPS_FIELD_NUMBER: _ClassVar[int]
    RECOMPUTED_FLOPS_FIELD_NUMBER: _ClassVar[int]
    OPTIMIZER_FLOPS_FIELD_NUMBER: _ClassVar[int]
    BEYOND_64_BITS_FIELD_NUMBER: _ClassVar[int]
    forward_flops: int
    backward_flops: int
    recomputed_flops: int
    optimizer_flops: int
    beyond_64_bits: _containers.RepeatedCompositeFieldContainer[BigCount]
    def __init__(self, forward_flops: _Optional[int] = ..., backward_flops: _Optional[int] = ..., recomputed_flops: _Optional[int] = ..., optimizer_flops: _Optional[int] = ..., beyond_64_bits: _Optional[_Iterable[_Union[BigCount, _Mapping]]] = ...) -> None: ...

class Alternative(_message.Message):
    __slots__ = ("name", "bytes", "flops", "beyond_64_bits")
    NAME_FIELD_NUMBER: _ClassVar[int]
    BYTES_FIELD_NUMBER: _ClassVar[int]
    FLOPS_FIELD_NUMBER: _ClassVar[int]
    BEYOND_64_BITS_FIELD_NUMBER: _ClassVar[int]
    name: str
    bytes: int
    flops: int
    beyond_64_bits: _containers.RepeatedCompositeFieldContainer[BigCount]
    def __init__(self, name: _Optional[str] = ..., bytes: _Optional[int] = ..., flops: _Optional[int] = ..., beyond_64_bits: _Optional[_Iterable[_Union[BigCount, _Mapping]]] = ...) -> None: ...

class Fit(_message.Message):
    __slots__ = ("device", "usable_bytes", "context_bytes", "fits", "largest_batch")
    DEVICE_FIELD_NUMBER: _ClassVar[int]
    USABLE_BYTES_FIELD_NUMBER: _ClassVar[int]
    CONTEXT_BYTES_FIELD_NUMBER: _ClassVar[int]
    FITS_FIELD_NUMBER: _ClassVar[int]
    LARGEST_BATCH_FIELD_NUMBER: _ClassVar[int]
    device: str
    usable_bytes: int
    context_bytes: int
    fits: bool
    largest_batch: int
    def __init__(self, device: _Optional[str] = ..., usable_bytes: _Optional[int] = ..., context_bytes: _Optional[int] = ..., fits: _Optional[bool] = ..., largest_batch: _Optional[int] = ...) -> None: ...

class StructureRequest(_message.Message):
    __slots__ = ("network",)
    NETWORK_FIELD_NUMBER: _ClassVar[int]
    network: Network
    def __init__(self, network: _Optional[_Union[Network, _Mapping]] = ...) -> None: ...

class StructureResponse(_message.Message):
    __slots__ = ("structure",)
    STRUCTURE_FIELD_NUMBER: _ClassVar[int]
    structure: Structure
    def __init__(self, structure: _Optional[_Union[Structure, _Mapping]] = ...) -> None: ...

class Structure(_message.Message):
    __slots__ = ("architecture", "input", "changed", "rows")
    ARCHITECTURE_FIELD_NUMBER: _ClassVar[int]
    INPUT_FIELD_NUMBER: _ClassVar[int]
    CHANGED_FIELD_NUMBER: _ClassVar[int]
    ROWS_FIELD_NUMBER: _ClassVar[int]
    architecture: str
    input: Shape
    changed: _containers.RepeatedCompositeFieldContainer[NamedValue]
    rows: _containers.RepeatedCompositeFieldContainer[Joined]
    def __init__(self, architecture: _Optional[str] = ..., input: _Optional[_Union[Shape, _Mapping]] = ..., changed: _Optional[_Iterable[_Union[NamedValue, _Mapping]]] = ..., rows: _Optional[_Iterable[_Union[Joined, _Mapping]]] = ...) -> None: ...

class Joined(_message.Message):
    __slots__ = ("layer", "role", "inputs")
    LAYER_FIELD_NUMBER: _ClassVar[int]
    ROLE_FIELD_NUMBER: _ClassVar[int]
    INPUTS_FIELD_NUMBER: _ClassVar[int]
    layer: Layer
    role: Role
    inputs: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, layer: _Optional[_Union[Layer, _Mapping]] = ..., role: _Optional[_Union[Role, str]] = ..., inputs: _Optional[_Iterable[str]] = ...) -> None: ...

class FormulaSymbolsRequest(_message.Message):
    __slots__ = ("network",)
    NETWORK_FIELD_NUMBER: _ClassVar[int]
    network: Network
    def __init__(self, network: _Optional[_Union[Network, _Mapping]] = ...) -> None: ...

class FormulaSymbolsResponse(_message.Message):
    __slots__ = ("symbols",)
    SYMBOLS_FIELD_NUMBER: _ClassVar[int]
    symbols: _containers.RepeatedCompositeFieldContainer[NamedText]
    def __init__(self, symbols: _Optional[_Iterable[_Union[NamedText, _Mapping]]] = ...) -> None: ...

class FormulasRequest(_message.Message):
    __slots__ = ("network", "symbols")
    NETWORK_FIELD_NUMBER: _ClassVar[int]
    SYMBOLS_FIELD_NUMBER: _ClassVar[int]
    network: Network
    symbols: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, network: _Optional[_Union[Network, _Mapping]] = ..., symbols: _Optional[_Iterable[str]] = ...) -> None: ...

class FormulasResponse(_message.Message):
    __slots__ = ("sheet",)
    SHEET_FIELD_NUMBER: _ClassVar[int]
    sheet: FormulaSheet
    def __init__(self, sheet: _Optional[_Union[FormulaSheet, _Mapping]] = ...) -> None: ...

class FormulaSheet(_message.Message):
    __slots__ = ("architecture", "citation", "input", "letters", "conditions", "quantities", "output_shape", "receptive_field", "layers")
    ARCHITECTURE_FIELD_NUMBER: _ClassVar[int]
    CITATION_FIELD_NUMBER: _ClassVar[int]
    INPUT_FIELD_NUMBER: _ClassVar[int]
    LETTERS_FIELD_NUMBER: _ClassVar[int]
    CONDITIONS_FIELD_NUMBER: _ClassVar[int]
    QUANTITIES_FIELD_NUMBER: _ClassVar[int]
    OUTPUT_SHAPE_FIELD_NUMBER: _ClassVar[int]
    RECEPTIVE_FIELD_FIELD_NUMBER: _ClassVar[int]
    LAYERS_FIELD_NUMBER: _ClassVar[int]
    architecture: str
    citation: str
    input: _containers.RepeatedScalarFieldContainer[str]
    letters: _containers.RepeatedCompositeFieldContainer[FormulaLetter]
    conditions: _containers.RepeatedScalarFieldContainer[str]
    quantities: _containers.RepeatedCompositeFieldContainer[NamedFormula]
    output_shape: _containers.RepeatedScalarFieldContainer[str]
    receptive_field: str
    layers: _containers.RepeatedCompositeFieldContainer[WrittenRow]
    def __init__(self, architecture: _Optional[str] = ..., citation: _Optional[str] = ..., input: _Optional[_Iterable[str]] = ..., letters: _Optional[_Iterable[_Union[FormulaLetter, _Mapping]]] = ..., conditions: _Optional[_Iterable[str]] = ..., quantities: _Optional[_Iterable[_Union[NamedFormula, _Mapping]]] = ..., output_shape: _Optional[_Iterable[str]] = ..., receptive_field: _Optional[str] = ..., layers: _Optional[_Iterable[_Union[WrittenRow, _Mapping]]] = ...) -> None: ...

class FormulaLetter(_message.Message):
    __slots__ = ("symbol", "letter", "meaning", "period", "residue", "least", "definition", "largest")
    SYMBOL_FIELD_NUMBER: _ClassVar[int]
    LETTER_FIELD_NUMBER: _ClassVar[int]
    MEANING_FIELD_NUMBER: _ClassVar[int]
    PERIOD_FIELD_NUMBER: _ClassVar[int]
    RESIDUE_FIELD_NUMBER: _ClassVar[int]
    LEAST_FIELD_NUMBER: _ClassVar[int]
    DEFINITION_FIELD_NUMBER: _ClassVar[int]
    LARGEST_FIELD_NUMBER: _ClassVar[int]
    symbol: str
    letter: str
    meaning: str
    period: int
    residue: int
    least: str
    definition: str
    largest: str
    def __init__(self, symbol: _Optional[str] = ..., letter: _Optional[str] = ..., meaning: _Optional[str] = ..., period: _Optional[int] = ..., residue: _Optional[int] = ..., least: _Optional[str] = ..., definition: _Optional[str] = ..., largest: _Optional[str] = ...) -> None: ...

class NamedFormula(_message.Message):
    __slots__ = ("name", "value")
    NAME_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    name: str
    value: WrittenFormula
    def __init__(self, name: _Optional[str] = ..., value: _Optional[_Union[WrittenFormula, _Mapping]] = ...) -> None: ...

class WrittenFormula(_message.Message):
    __slots__ = ("text", "latex", "typst", "unit", "polynomials", "mainly", "mainly_from")
    TEXT_FIELD_NUMBER: _ClassVar[int]
    LATEX_FIELD_NUMBER: _ClassVar[int]
    TYPST_FIELD_NUMBER: _ClassVar[int]
    UNIT_FIELD_NUMBER: _ClassVar[int]
    POLYNOMIALS_FIELD_NUMBER: _ClassVar[int]
    MAINLY_FIELD_NUMBER: _ClassVar[int]
    MAINLY_FROM_FIELD_NUMBER: _ClassVar[int]
    text: str
    latex: str
    typst: str
    unit: str
    polynomials: _containers.RepeatedCompositeFieldContainer[Monomials]
    mainly: str
    mainly_from: int
    def __init__(self, text: _Optional[str] = ..., latex: _Optional[str] = ..., typst: _Optional[str] = ..., unit: _Optional[str] = ..., polynomials: _Optional[_Iterable[_Union[Monomials, _Mapping]]] = ..., mainly: _Optional[str] = ..., mainly_from: _Optional[int] = ...) -> None: ...

class Monomials(_message.Message):
    __slots__ = ("terms",)
    TERMS_FIELD_NUMBER: _ClassVar[int]
    terms: _containers.RepeatedCompositeFieldContainer[Monomial]
    def __init__(self, terms: _Optional[_Iterable[_Union[Monomial, _Mapping]]] = ...) -> None: ...

class Monomial(_message.Message):
    __slots__ = ("coefficient", "exponents")
    COEFFICIENT_FIELD_NUMBER: _ClassVar[int]
    EXPONENTS_FIELD_NUMBER: _ClassVar[int]
    coefficient: str
    exponents: _containers.RepeatedCompositeFieldContainer[NamedCount]
    def __init__(self, coefficient: _Optional[str] = ..., exponents: _Optional[_Iterable[_Union[NamedCount, _Mapping]]] = ...) -> None: ...

class NamedCount(_message.Message):
    __slots__ = ("name", "value", "beyond_64_bits")
    NAME_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    BEYOND_64_BITS_FIELD_NUMBER: _ClassVar[int]
    name: str
    value: int
    beyond_64_bits: _containers.RepeatedCompositeFieldContainer[BigCount]
    def __init__(self, name: _Optional[str] = ..., value: _Optional[int] = ..., beyond_64_bits: _Optional[_Iterable[_Union[BigCount, _Mapping]]] = ...) -> None: ...

class WrittenRow(_message.Message):
    __slots__ = ("name", "op", "output_shape", "activations", "params", "mult_adds")
    NAME_FIELD_NUMBER: _ClassVar[int]
    OP_FIELD_NUMBER: _ClassVar[int]
    OUTPUT_SHAPE_FIELD_NUMBER: _ClassVar[int]
    ACTIVATIONS_FIELD_NUMBER: _ClassVar[int]
    PARAMS_FIELD_NUMBER: _ClassVar[int]
    MULT_ADDS_FIELD_NUMBER: _ClassVar[int]
    name: str
    op: str
    output_shape: _containers.RepeatedScalarFieldContainer[str]
    activations: WrittenFormula
    params: WrittenFormula
    mult_adds: WrittenFormula
    def __init__(self, name: _Optional[str] = ..., op: _Optional[str] = ..., output_shape: _Optional[_Iterable[str]] = ..., activations: _Optional[_Union[WrittenFormula, _Mapping]] = ..., params: _Optional[_Union[WrittenFormula, _Mapping]] = ..., mult_adds: _Optional[_Union[WrittenFormula, _Mapping]] = ...) -> None: ...

class ExactFormulasRequest(_message.Message):
    __slots__ = ("network", "quantities")
    NETWORK_FIELD_NUMBER: _ClassVar[int]
    QUANTITIES_FIELD_NUMBER: _ClassVar[int]
    network: Network
    quantities: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, network: _Optional[_Union[Network, _Mapping]] = ..., quantities: _Optional[_Iterable[str]] = ...) -> None: ...

class ExactFormulasResponse(_message.Message):
    __slots__ = ("sheet",)
    SHEET_FIELD_NUMBER: _ClassVar[int]
    sheet: ExactSheet
    def __init__(self, sheet: _Optional[_Union[ExactSheet, _Mapping]] = ...) -> None: ...

class ExactSheet(_message.Message):
    __slots__ = ("architecture", "citation", "channels", "periods", "smallest_heights", "smallest_widths", "classes", "coefficients", "smallest_depths", "smallest_lengths")
    ARCHITECTURE_FIELD_NUMBER: _ClassVar[int]
    CITATION_FIELD_NUMBER: _ClassVar[int]
    CHANNELS_FIELD_NUMBER: _ClassVar[int]
    PERIODS_FIELD_NUMBER: _ClassVar[int]
    SMALLEST_HEIGHTS_FIELD_NUMBER: _ClassVar[int]
    SMALLEST_WIDTHS_FIELD_NUMBER: _ClassVar[int]
    CLASSES_FIELD_NUMBER: _ClassVar[int]
    COEFFICIENTS_FIELD_NUMBER: _ClassVar[int]
    SMALLEST_DEPTHS_FIELD_NUMBER: _ClassVar[int]
    SMALLEST_LENGTHS_FIELD_NUMBER: _ClassVar[int]
    architecture: str
    citation: str
    channels: int
    periods: Extent
    smallest_heights: _containers.RepeatedCompositeFieldContainer[OptionalSize]
    smallest_widths: _containers.RepeatedCompositeFieldContainer[OptionalSize]
    classes: _containers.RepeatedCompositeFieldContainer[ResidueClass]
    coefficients: _containers.RepeatedCompositeFieldContainer[NamedSpreads]
    smallest_depths: _containers.RepeatedCompositeFieldContainer[OptionalSize]
    smallest_lengths: _containers.RepeatedCompositeFieldContainer[OptionalSize]
    def __init__(self, architecture: _Optional[str] = ..., citation: _Optional[str] = ..., channels: _Optional[int] = ..., periods: _Optional[_Union[Extent, _Mapping]] = ..., smallest_heights: _Optional[_Iterable[_Union[OptionalSize, _Mapping]]] = ..., smallest_widths: _Optional[_Iterable[_Union[OptionalSize, _Mapping]]] = ..., classes: _Optional[_Iterable[_Union[ResidueClass, _Mapping]]] = ..., coefficients: _Optional[_Iterable[_Union[NamedSpreads, _Mapping]]] = ..., smallest_depths: _Optional[_Iterable[_Union[OptionalSize, _Mapping]]] = ..., smallest_lengths: _Optional[_Iterable[_Union[OptionalSize, _Mapping]]] = ...) -> None: ...

class OptionalSize(_message.Message):
    __slots__ = ("value",)
    VALUE_FIELD_NUMBER: _ClassVar[int]
    value: int
    def __init__(self, value: _Optional[int] = ...) -> None: ...

class ResidueClass(_message.Message):
    __slots__ = ("residues", "smallest", "quantities")
    RESIDUES_FIELD_NUMBER: _ClassVar[int]
    SMALLEST_FIELD_NUMBER: _ClassVar[int]
    QUANTITIES_FIELD_NUMBER: _ClassVar[int]
    residues: Extent
    smallest: _containers.RepeatedCompositeFieldContainer[OptionalSize]
    quantities: _containers.RepeatedCompositeFieldContainer[NamedFormula]
    def __init__(self, residues: _Optional[_Union[Extent, _Mapping]] = ..., smallest: _Optional[_Iterable[_Union[OptionalSize, _Mapping]]] = ..., quantities: _Optional[_Iterable[_Union[NamedFormula, _Mapping]]] = ...) -> None: ...

class NamedSpreads(_message.Message):
    __slots__ = ("name", "value")
    NAME_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    name: str
    value: _containers.RepeatedCompositeFieldContainer[Spreads]
    def __init__(self, name: _Optional[str] = ..., value: _Optional[_Iterable[_Union[Spreads, _Mapping]]] = ...) -> None: ...

class Spreads(_message.Message):
    __slots__ = ("terms",)
    TERMS_FIELD_NUMBER: _ClassVar[int]
    terms: _containers.RepeatedCompositeFieldContainer[Spread]
    def __init__(self, terms: _Optional[_Iterable[_Union[Spread, _Mapping]]] = ...) -> None: ...

class Spread(_message.Message):
    __slots__ = ("exponents", "shape", "coefficients")
    EXPONENTS_FIELD_NUMBER: _ClassVar[int]
    SHAPE_FIELD_NUMBER: _ClassVar[int]
    COEFFICIENTS_FIELD_NUMBER: _ClassVar[int]
    exponents: _containers.RepeatedCompositeFieldContainer[NamedCount]
    shape: Extent
    coefficients: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, exponents: _Optional[_Iterable[_Union[NamedCount, _Mapping]]] = ..., shape: _Optional[_Union[Extent, _Mapping]] = ..., coefficients: _Optional[_Iterable[int]] = ...) -> None: ...

class EvaluateRequest(_message.Message):
    __slots__ = ("network", "values")
    class ValuesEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: Value
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[Value, _Mapping]] = ...) -> None: ...
    NETWORK_FIELD_NUMBER: _ClassVar[int]
    VALUES_FIELD_NUMBER: _ClassVar[int]
    network: Network
    values: _containers.MessageMap[str, Value]
    def __init__(self, network: _Optional[_Union[Network, _Mapping]] = ..., values: _Optional[_Mapping[str, Value]] = ...) -> None: ...

class EvaluateResponse(_message.Message):
    __slots__ = ("values",)
    VALUES_FIELD_NUMBER: _ClassVar[int]
    values: FormulaValues
    def __init__(self, values: _Optional[_Union[FormulaValues, _Mapping]] = ...) -> None: ...

class FormulaValues(_message.Message):
    __slots__ = ("architecture", "counts", "formulas", "definitions")
    ARCHITECTURE_FIELD_NUMBER: _ClassVar[int]
    COUNTS_FIELD_NUMBER: _ClassVar[int]
    FORMULAS_FIELD_NUMBER: _ClassVar[int]
    DEFINITIONS_FIELD_NUMBER: _ClassVar[int]
    architecture: str
    counts: _containers.RepeatedCompositeFieldContainer[NamedCount]
    formulas: _containers.RepeatedCompositeFieldContainer[NamedFormula]
    definitions: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, architecture: _Optional[str] = ..., counts: _Optional[_Iterable[_Union[NamedCount, _Mapping]]] = ..., formulas: _Optional[_Iterable[_Union[NamedFormula, _Mapping]]] = ..., definitions: _Optional[_Iterable[str]] = ...) -> None: ...

class CompareFormulaRequest(_message.Message):
    __slots__ = ("network", "text", "quantity", "symbols")
    NETWORK_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    SYMBOLS_FIELD_NUMBER: _ClassVar[int]
    network: Network
    text: str
    quantity: str
    symbols: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, network: _Optional[_Union[Network, _Mapping]] = ..., text: _Optional[str] = ..., quantity: _Optional[str] = ..., symbols: _Optional[_Iterable[str]] = ...) -> None: ...

class CompareFormulaResponse(_message.Message):
    __slots__ = ("comparison",)
    COMPARISON_FIELD_NUMBER: _ClassVar[int]
    comparison: FormulaComparison
    def __init__(self, comparison: _Optional[_Union[FormulaComparison, _Mapping]] = ...) -> None: ...

class FormulaComparison(_message.Message):
    __slots__ = ("equal", "text")
    EQUAL_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    equal: bool
    text: str
    def __init__(self, equal: _Optional[bool] = ..., text: _Optional[str] = ...) -> None: ...

class DeriveRequest(_message.Message):
    __slots__ = ("network", "layer", "quantity")
    NETWORK_FIELD_NUMBER: _ClassVar[int]
    LAYER_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    network: Network
    layer: str
    quantity: str
    def __init__(self, network: _Optional[_Union[Network, _Mapping]] = ..., layer: _Optional[str] = ..., quantity: _Optional[str] = ...) -> None: ...

class DeriveResponse(_message.Message):
    __slots__ = ("derivation",)
    DERIVATION_FIELD_NUMBER: _ClassVar[int]
    derivation: Derivation
    def __init__(self, derivation: _Optional[_Union[Derivation, _Mapping]] = ...) -> None: ...

class Derivation(_message.Message):
    __slots__ = ("architecture", "citation", "input", "changed", "layer", "quantity", "meaning", "unit", "parts", "value", "further_inputs")
    ARCHITECTURE_FIELD_NUMBER: _ClassVar[int]
    CITATION_FIELD_NUMBER: _ClassVar[int]
    INPUT_FIELD_NUMBER: _ClassVar[int]
    CHANGED_FIELD_NUMBER: _ClassVar[int]
    LAYER_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    MEANING_FIELD_NUMBER: _ClassVar[int]
    UNIT_FIELD_NUMBER: _ClassVar[int]
    PARTS_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    FURTHER_INPUTS_FIELD_NUMBER: _ClassVar[int]
    architecture: str
    citation: str
    input: Shape
    changed: _containers.RepeatedCompositeFieldContainer[NamedValue]
    layer: str
    quantity: str
    meaning: str
    unit: str
    parts: _containers.RepeatedCompositeFieldContainer[DerivationPart]
    value: Value
    further_inputs: _containers.RepeatedCompositeFieldContainer[Shape]
    def __init__(self, architecture: _Optional[str] = ..., citation: _Optional[str] = ..., input: _Optional[_Union[Shape, _Mapping]] = ..., changed: _Optional[_Iterable[_Union[NamedValue, _Mapping]]] = ..., layer: _Optional[str] = ..., quantity: _Optional[str] = ..., meaning: _Optional[str] = ..., unit: _Optional[str] = ..., parts: _Optional[_Iterable[_Union[DerivationPart, _Mapping]]] = ..., value: _Optional[_Union[Value, _Mapping]] = ..., further_inputs: _Optional[_Iterable[_Union[Shape, _Mapping]]] = ...) -> None: ...

class DerivationPart(_message.Message):
    __slots__ = ("heading", "lines", "remark", "listing")
    HEADING_FIELD_NUMBER: _ClassVar[int]
    LINES_FIELD_NUMBER: _ClassVar[int]
    REMARK_FIELD_NUMBER: _ClassVar[int]
    LISTING_FIELD_NUMBER: _ClassVar[int]
    heading: str
    lines: _containers.RepeatedCompositeFieldContainer[DerivationLine]
    remark: str
    listing: Listing
    def __init__(self, heading: _Optional[str] = ..., lines: _Optional[_Iterable[_Union[DerivationLine, _Mapping]]] = ..., remark: _Optional[str] = ..., listing: _Optional[_Union[Listing, _Mapping]] = ...) -> None: ...

class DerivationLine(_message.Message):
    __slots__ = ("equation", "zero")
    EQUATION_FIELD_NUMBER: _ClassVar[int]
    ZERO_FIELD_NUMBER: _ClassVar[int]
    equation: Equation
    zero: Zero
    def __init__(self, equation: _Optional[_Union[Equation, _Mapping]] = ..., zero: _Optional[_Union[Zero, _Mapping]] = ...) -> None: ...

class Equation(_message.Message):
    __slots__ = ("left", "meaning", "formula", "letters", "steps", "source", "says")
    LEFT_FIELD_NUMBER: _ClassVar[int]
    MEANING_FIELD_NUMBER: _ClassVar[int]
    FORMULA_FIELD_NUMBER: _ClassVar[int]
    LETTERS_FIELD_NUMBER: _ClassVar[int]
    STEPS_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    SAYS_FIELD_NUMBER: _ClassVar[int]
    left: str
    meaning: str
    formula: Expression
    letters: _containers.RepeatedCompositeFieldContainer[DerivationLetter]
    steps: _containers.RepeatedCompositeFieldContainer[Expression]
    source: str
    says: str
    def __init__(self, left: _Optional[str] = ..., meaning: _Optional[str] = ..., formula: _Optional[_Union[Expression, _Mapping]] = ..., letters: _Optional[_Iterable[_Union[DerivationLetter, _Mapping]]] = ..., steps: _Optional[_Iterable[_Union[Expression, _Mapping]]] = ..., source: _Optional[str] = ..., says: _Optional[str] = ...) -> None: ...

class DerivationLetter(_message.Message):
    __slots__ = ("name", "meaning", "value")
    NAME_FIELD_NUMBER: _ClassVar[int]
    MEANING_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    name: str
    meaning: str
    value: Value
    def __init__(self, name: _Optional[str] = ..., meaning: _Optional[str] = ..., value: _Optional[_Union[Value, _Mapping]] = ...) -> None: ...

class Zero(_message.Message):
    __slots__ = ("left", "meaning", "reason", "source")
    LEFT_FIELD_NUMBER: _ClassVar[int]
    MEANING_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    left: str
    meaning: str
    reason: str
    source: str
    def __init__(self, left: _Optional[str] = ..., meaning: _Optional[str] = ..., reason: _Optional[str] = ..., source: _Optional[str] = ...) -> None: ...

class Listing(_message.Message):
    __slots__ = ("columns", "rows")
    COLUMNS_FIELD_NUMBER: _ClassVar[int]
    ROWS_FIELD_NUMBER: _ClassVar[int]
    columns: _containers.RepeatedScalarFieldContainer[str]
    rows: _containers.RepeatedCompositeFieldContainer[ListingRow]
    def __init__(self, columns: _Optional[_Iterable[str]] = ..., rows: _Optional[_Iterable[_Union[ListingRow, _Mapping]]] = ...) -> None: ...

class ListingRow(_message.Message):
    __slots__ = ("cells",)
    CELLS_FIELD_NUMBER: _ClassVar[int]
    cells: _containers.RepeatedCompositeFieldContainer[Value]
    def __init__(self, cells: _Optional[_Iterable[_Union[Value, _Mapping]]] = ...) -> None: ...

class Expression(_message.Message):
    __slots__ = ("text", "latex", "typst", "tree")
    TEXT_FIELD_NUMBER: _ClassVar[int]
    LATEX_FIELD_NUMBER: _ClassVar[int]
    TYPST_FIELD_NUMBER: _ClassVar[int]
    TREE_FIELD_NUMBER: _ClassVar[int]
    text: str
    latex: str
    typst: str
    tree: Tree
    def __init__(self, text: _Optional[str] = ..., latex: _Optional[str] = ..., typst: _Optional[str] = ..., tree: _Optional[_Union[Tree, _Mapping]] = ...) -> None: ...

class Tree(_message.Message):
    __slots__ = ("number", "symbol", "operation")
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    SYMBOL_FIELD_NUMBER: _ClassVar[int]
    OPERATION_FIELD_NUMBER: _ClassVar[int]
    number: Value
    symbol: str
    operation: Operation
    def __init__(self, number: _Optional[_Union[Value, _Mapping]] = ..., symbol: _Optional[str] = ..., operation: _Optional[_Union[Operation, _Mapping]] = ...) -> None: ...

class Operation(_message.Message):
    __slots__ = ("operator", "operands")
    OPERATOR_FIELD_NUMBER: _ClassVar[int]
    OPERANDS_FIELD_NUMBER: _ClassVar[int]
    operator: str
    operands: _containers.RepeatedCompositeFieldContainer[Tree]
    def __init__(self, operator: _Optional[str] = ..., operands: _Optional[_Iterable[_Union[Tree, _Mapping]]] = ...) -> None: ...

class SolveRequest(_message.Message):
    __slots__ = ("network", "targets", "variable", "multiple_of")
    NETWORK_FIELD_NUMBER: _ClassVar[int]
    TARGETS_FIELD_NUMBER: _ClassVar[int]
    VARIABLE_FIELD_NUMBER: _ClassVar[int]
    MULTIPLE_OF_FIELD_NUMBER: _ClassVar[int]
    network: Network
    targets: _containers.RepeatedCompositeFieldContainer[NamedValue]
    variable: str
    multiple_of: Value
    def __init__(self, network: _Optional[_Union[Network, _Mapping]] = ..., targets: _Optional[_Iterable[_Union[NamedValue, _Mapping]]] = ..., variable: _Optional[str] = ..., multiple_of: _Optional[_Union[Value, _Mapping]] = ...) -> None: ...

class SolveResponse(_message.Message):
    __slots__ = ("solution",)
    SOLUTION_FIELD_NUMBER: _ClassVar[int]
    solution: Solution
    def __init__(self, solution: _Optional[_Union[Solution, _Mapping]] = ...) -> None: ...

class Solution(_message.Message):
    __slots__ = ("architecture", "citation", "input", "batch", "dtype", "changed", "variable", "meaning", "range", "multiple_of", "falls", "bounds", "within", "reaches", "nearest", "binding", "inverses", "search", "checked", "remarks", "further_inputs")
    ARCHITECTURE_FIELD_NUMBER: _ClassVar[int]
    CITATION_FIELD_NUMBER: _ClassVar[int]
    INPUT_FIELD_NUMBER: _ClassVar[int]
    BATCH_FIELD_NUMBER: _ClassVar[int]
    DTYPE_FIELD_NUMBER: _ClassVar[int]
    CHANGED_FIELD_NUMBER: _ClassVar[int]
    VARIABLE_FIELD_NUMBER: _ClassVar[int]
    MEANING_FIELD_NUMBER: _ClassVar[int]
    RANGE_FIELD_NUMBER: _ClassVar[int]
    MULTIPLE_OF_FIELD_NUMBER: _ClassVar[int]
    FALLS_FIELD_NUMBER: _ClassVar[int]
    BOUNDS_FIELD_NUMBER: _ClassVar[int]
    WITHIN_FIELD_NUMBER: _ClassVar[int]
    REACHES_FIELD_NUMBER: _ClassVar[int]
    NEAREST_FIELD_NUMBER: _ClassVar[int]
    BINDING_FIELD_NUMBER: _ClassVar[int]
    INVERSES_FIELD_NUMBER: _ClassVar[int]
    SEARCH_FIELD_NUMBER: _ClassVar[int]
    CHECKED_FIELD_NUMBER: _ClassVar[int]
    REMARKS_FIELD_NUMBER: _ClassVar[int]
    FURTHER_INPUTS_FIELD_NUMBER: _ClassVar[int]
    architecture: str
    citation: str
    input: Shape
    batch: int
    dtype: Dtype
    changed: _containers.RepeatedCompositeFieldContainer[NamedValue]
    variable: str
    meaning: str
    range: str
    multiple_of: str
    falls: bool
    bounds: _containers.RepeatedCompositeFieldContainer[Bound]
    within: Solved
    reaches: Solved
    nearest: Value
    binding: str
    inverses: _containers.RepeatedCompositeFieldContainer[Inverse]
    search: str
    checked: _containers.RepeatedCompositeFieldContainer[Value]
    remarks: _containers.RepeatedScalarFieldContainer[str]
    further_inputs: _containers.RepeatedCompositeFieldContainer[Shape]
    def __init__(self, architecture: _Optional[str] = ..., citation: _Optional[str] = ..., input: _Optional[_Union[Shape, _Mapping]] = ..., batch: _Optional[int] = ..., dtype: _Optional[_Union[Dtype, str]] = ..., changed: _Optional[_Iterable[_Union[NamedValue, _Mapping]]] = ..., variable: _Optional[str] = ..., meaning: _Optional[str] = ..., range: _Optional[str] = ..., multiple_of: _Optional[str] = ..., falls: _Optional[bool] = ..., bounds: _Optional[_Iterable[_Union[Bound, _Mapping]]] = ..., within: _Optional[_Union[Solved, _Mapping]] = ..., reaches: _Optional[_Union[Solved, _Mapping]] = ..., nearest: _Optional[_Union[Value, _Mapping]] = ..., binding: _Optional[str] = ..., inverses: _Optional[_Iterable[_Union[Inverse, _Mapping]]] = ..., search: _Optional[str] = ..., checked: _Optional[_Iterable[_Union[Value, _Mapping]]] = ..., remarks: _Optional[_Iterable[str]] = ..., further_inputs: _Optional[_Iterable[_Union[Shape, _Mapping]]] = ...) -> None: ...

class Bound(_message.Message):
    __slots__ = ("quantity", "value", "given", "unit", "within", "reaches", "beyond_64_bits")
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    GIVEN_FIELD_NUMBER: _ClassVar[int]
    UNIT_FIELD_NUMBER: _ClassVar[int]
    WITHIN_FIELD_NUMBER: _ClassVar[int]
    REACHES_FIELD_NUMBER: _ClassVar[int]
    BEYOND_64_BITS_FIELD_NUMBER: _ClassVar[int]
    quantity: str
    value: int
    given: str
    unit: str
    within: Value
    reaches: Value
    beyond_64_bits: _containers.RepeatedCompositeFieldContainer[BigCount]
    def __init__(self, quantity: _Optional[str] = ..., value: _Optional[int] = ..., given: _Optional[str] = ..., unit: _Optional[str] = ..., within: _Optional[_Union[Value, _Mapping]] = ..., reaches: _Optional[_Union[Value, _Mapping]] = ..., beyond_64_bits: _Optional[_Iterable[_Union[BigCount, _Mapping]]] = ...) -> None: ...

class Solved(_message.Message):
    __slots__ = ("value", "input", "counts")
    VALUE_FIELD_NUMBER: _ClassVar[int]
    INPUT_FIELD_NUMBER: _ClassVar[int]
    COUNTS_FIELD_NUMBER: _ClassVar[int]
    value: Value
    input: Shape
    counts: _containers.RepeatedCompositeFieldContainer[NamedValue]
    def __init__(self, value: _Optional[_Union[Value, _Mapping]] = ..., input: _Optional[_Union[Shape, _Mapping]] = ..., counts: _Optional[_Iterable[_Union[NamedValue, _Mapping]]] = ...) -> None: ...

class Inverse(_message.Message):
    __slots__ = ("quantity", "unit", "letter", "domain", "formula", "text", "latex", "letter_at", "value_at", "target", "beyond_64_bits")
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    UNIT_FIELD_NUMBER: _ClassVar[int]
    LETTER_FIELD_NUMBER: _ClassVar[int]
    DOMAIN_FIELD_NUMBER: _ClassVar[int]
    FORMULA_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    LATEX_FIELD_NUMBER: _ClassVar[int]
    LETTER_AT_FIELD_NUMBER: _ClassVar[int]
    VALUE_AT_FIELD_NUMBER: _ClassVar[int]
    TARGET_FIELD_NUMBER: _ClassVar[int]
    BEYOND_64_BITS_FIELD_NUMBER: _ClassVar[int]
    quantity: str
    unit: str
    letter: str
    domain: str
    formula: Formula
    text: str
    latex: str
    letter_at: str
    value_at: str
    target: int
    beyond_64_bits: _containers.RepeatedCompositeFieldContainer[BigCount]
    def __init__(self, quantity: _Optional[str] = ..., unit: _Optional[str] = ..., letter: _Optional[str] = ..., domain: _Optional[str] = ..., formula: _Optional[_Union[Formula, _Mapping]] = ..., text: _Optional[str] = ..., latex: _Optional[str] = ..., letter_at: _Optional[str] = ..., value_at: _Optional[str] = ..., target: _Optional[int] = ..., beyond_64_bits: _Optional[_Iterable[_Union[BigCount, _Mapping]]] = ...) -> None: ...

class Formula(_message.Message):
    __slots__ = ("unit", "text", "latex", "typst", "letters", "members")
    UNIT_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    LATEX_FIELD_NUMBER: _ClassVar[int]
    TYPST_FIELD_NUMBER: _ClassVar[int]
    LETTERS_FIELD_NUMBER: _ClassVar[int]
    MEMBERS_FIELD_NUMBER: _ClassVar[int]
    unit: str
    text: str
    latex: str
    typst: str
    letters: _containers.RepeatedScalarFieldContainer[str]
    members: _containers.RepeatedCompositeFieldContainer[Polynomial]
    def __init__(self, unit: _Optional[str] = ..., text: _Optional[str] = ..., latex: _Optional[str] = ..., typst: _Optional[str] = ..., letters: _Optional[_Iterable[str]] = ..., members: _Optional[_Iterable[_Union[Polynomial, _Mapping]]] = ...) -> None: ...

class Polynomial(_message.Message):
    __slots__ = ("terms",)
    TERMS_FIELD_NUMBER: _ClassVar[int]
    terms: _containers.RepeatedCompositeFieldContainer[PowerTerm]
    def __init__(self, terms: _Optional[_Iterable[_Union[PowerTerm, _Mapping]]] = ...) -> None: ...

class PowerTerm(_message.Message):
    __slots__ = ("powers", "coefficient")
    POWERS_FIELD_NUMBER: _ClassVar[int]
    COEFFICIENT_FIELD_NUMBER: _ClassVar[int]
    powers: _containers.RepeatedScalarFieldContainer[int]
    coefficient: Value
    def __init__(self, powers: _Optional[_Iterable[int]] = ..., coefficient: _Optional[_Union[Value, _Mapping]] = ...) -> None: ...

class ScalingRequest(_message.Message):
    __slots__ = ("network", "samples")
    NETWORK_FIELD_NUMBER: _ClassVar[int]
    SAMPLES_FIELD_NUMBER: _ClassVar[int]
    network: Network
    samples: bool
    def __init__(self, network: _Optional[_Union[Network, _Mapping]] = ..., samples: _Optional[bool] = ...) -> None: ...

class ScalingResponse(_message.Message):
    __slots__ = ("scaling",)
    SCALING_FIELD_NUMBER: _ClassVar[int]
    scaling: Scaling
    def __init__(self, scaling: _Optional[_Union[Scaling, _Mapping]] = ...) -> None: ...

class Scaling(_message.Message):
    __slots__ = ("architecture", "citation", "input", "batch", "dtype", "changed", "variables", "cost_steps", "without", "further_inputs")
    ARCHITECTURE_FIELD_NUMBER: _ClassVar[int]
    CITATION_FIELD_NUMBER: _ClassVar[int]
    INPUT_FIELD_NUMBER: _ClassVar[int]
    BATCH_FIELD_NUMBER: _ClassVar[int]
    DTYPE_FIELD_NUMBER: _ClassVar[int]
    CHANGED_FIELD_NUMBER: _ClassVar[int]
    VARIABLES_FIELD_NUMBER: _ClassVar[int]
    COST_STEPS_FIELD_NUMBER: _ClassVar[int]
    WITHOUT_FIELD_NUMBER: _ClassVar[int]
    FURTHER_INPUTS_FIELD_NUMBER: _ClassVar[int]
    architecture: str
    citation: str
    input: Shape
    batch: int
    dtype: Dtype
    changed: _containers.RepeatedCompositeFieldContainer[NamedValue]
    variables: _containers.RepeatedCompositeFieldContainer[VariableLaws]
    cost_steps: CostSteps
    without: _containers.RepeatedCompositeFieldContainer[NamedText]
    further_inputs: _containers.RepeatedCompositeFieldContainer[Shape]
    def __init__(self, architecture: _Optional[str] = ..., citation: _Optional[str] = ..., input: _Optional[_Union[Shape, _Mapping]] = ..., batch: _Optional[int] = ..., dtype: _Optional[_Union[Dtype, str]] = ..., changed: _Optional[_Iterable[_Union[NamedValue, _Mapping]]] = ..., variables: _Optional[_Iterable[_Union[VariableLaws, _Mapping]]] = ..., cost_steps: _Optional[_Union[CostSteps, _Mapping]] = ..., without: _Optional[_Iterable[_Union[NamedText, _Mapping]]] = ..., further_inputs: _Optional[_Iterable[_Union[Shape, _Mapping]]] = ...) -> None: ...

class VariableLaws(_message.Message):
    __slots__ = ("variable", "meaning", "kind", "present", "laws", "how", "samples")
    VARIABLE_FIELD_NUMBER: _ClassVar[int]
    MEANING_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    PRESENT_FIELD_NUMBER: _ClassVar[int]
    LAWS_FIELD_NUMBER: _ClassVar[int]
    HOW_FIELD_NUMBER: _ClassVar[int]
    SAMPLES_FIELD_NUMBER: _ClassVar[int]
    variable: str
    meaning: str
    kind: VariableKind
    present: Value
    laws: _containers.RepeatedCompositeFieldContainer[Law]
    how: str
    samples: _containers.RepeatedCompositeFieldContainer[Sample]
    def __init__(self, variable: _Optional[str] = ..., meaning: _Optional[str] = ..., kind: _Optional[_Union[VariableKind, str]] = ..., present: _Optional[_Union[Value, _Mapping]] = ..., laws: _Optional[_Iterable[_Union[Law, _Mapping]]] = ..., how: _Optional[str] = ..., samples: _Optional[_Iterable[_Union[Sample, _Mapping]]] = ...) -> None: ...

class Law(_message.Message):
    __slots__ = ("quantity", "unit", "exponent", "leading", "formula", "letter", "domain", "local", "doubled")
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    UNIT_FIELD_NUMBER: _ClassVar[int]
    EXPONENT_FIELD_NUMBER: _ClassVar[int]
    LEADING_FIELD_NUMBER: _ClassVar[int]
    FORMULA_FIELD_NUMBER: _ClassVar[int]
    LETTER_FIELD_NUMBER: _ClassVar[int]
    DOMAIN_FIELD_NUMBER: _ClassVar[int]
    LOCAL_FIELD_NUMBER: _ClassVar[int]
    DOUBLED_FIELD_NUMBER: _ClassVar[int]
    quantity: str
    unit: str
    exponent: int
    leading: Value
    formula: Formula
    letter: str
    domain: str
    local: Value
    doubled: Value
    def __init__(self, quantity: _Optional[str] = ..., unit: _Optional[str] = ..., exponent: _Optional[int] = ..., leading: _Optional[_Union[Value, _Mapping]] = ..., formula: _Optional[_Union[Formula, _Mapping]] = ..., letter: _Optional[str] = ..., domain: _Optional[str] = ..., local: _Optional[_Union[Value, _Mapping]] = ..., doubled: _Optional[_Union[Value, _Mapping]] = ...) -> None: ...

class Sample(_message.Message):
    __slots__ = ("setting", "counts")
    SETTING_FIELD_NUMBER: _ClassVar[int]
    COUNTS_FIELD_NUMBER: _ClassVar[int]
    setting: Value
    counts: _containers.RepeatedCompositeFieldContainer[NamedCount]
    def __init__(self, setting: _Optional[_Union[Value, _Mapping]] = ..., counts: _Optional[_Iterable[_Union[NamedCount, _Mapping]]] = ...) -> None: ...

class CostSteps(_message.Message):
    __slots__ = ("period_pixels", "taken", "flat", "steps")
    PERIOD_PIXELS_FIELD_NUMBER: _ClassVar[int]
    TAKEN_FIELD_NUMBER: _ClassVar[int]
    FLAT_FIELD_NUMBER: _ClassVar[int]
    STEPS_FIELD_NUMBER: _ClassVar[int]
    period_pixels: int
    taken: int
    flat: int
    steps: _containers.RepeatedCompositeFieldContainer[CostStep]
    def __init__(self, period_pixels: _Optional[int] = ..., taken: _Optional[int] = ..., flat: _Optional[int] = ..., steps: _Optional[_Iterable[_Union[CostStep, _Mapping]]] = ...) -> None: ...

class CostStep(_message.Message):
    __slots__ = ("residue", "before_pixels", "after_pixels", "rises", "area", "difference")
    RESIDUE_FIELD_NUMBER: _ClassVar[int]
    BEFORE_PIXELS_FIELD_NUMBER: _ClassVar[int]
    AFTER_PIXELS_FIELD_NUMBER: _ClassVar[int]
    RISES_FIELD_NUMBER: _ClassVar[int]
    AREA_FIELD_NUMBER: _ClassVar[int]
    DIFFERENCE_FIELD_NUMBER: _ClassVar[int]
    residue: int
    before_pixels: int
    after_pixels: int
    rises: _containers.RepeatedCompositeFieldContainer[NamedValue]
    area: Value
    difference: Formula
    def __init__(self, residue: _Optional[int] = ..., before_pixels: _Optional[int] = ..., after_pixels: _Optional[int] = ..., rises: _Optional[_Iterable[_Union[NamedValue, _Mapping]]] = ..., area: _Optional[_Union[Value, _Mapping]] = ..., difference: _Optional[_Union[Formula, _Mapping]] = ...) -> None: ...

class CompareLawsRequest(_message.Message):
    __slots__ = ("network", "other", "symbols")
    NETWORK_FIELD_NUMBER: _ClassVar[int]
    OTHER_FIELD_NUMBER: _ClassVar[int]
    SYMBOLS_FIELD_NUMBER: _ClassVar[int]
    network: Network
    other: Network
    symbols: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, network: _Optional[_Union[Network, _Mapping]] = ..., other: _Optional[_Union[Network, _Mapping]] = ..., symbols: _Optional[_Iterable[str]] = ...) -> None: ...

class CompareLawsResponse(_message.Message):
    __slots__ = ("comparison",)
    COMPARISON_FIELD_NUMBER: _ClassVar[int]
    comparison: RatioLaws
    def __init__(self, comparison: _Optional[_Union[RatioLaws, _Mapping]] = ...) -> None: ...

class RatioLaws(_message.Message):
    __slots__ = ("architecture", "other", "symbols", "ratios", "left_out", "how")
    ARCHITECTURE_FIELD_NUMBER: _ClassVar[int]
    OTHER_FIELD_NUMBER: _ClassVar[int]
    SYMBOLS_FIELD_NUMBER: _ClassVar[int]
    RATIOS_FIELD_NUMBER: _ClassVar[int]
    LEFT_OUT_FIELD_NUMBER: _ClassVar[int]
    HOW_FIELD_NUMBER: _ClassVar[int]
    architecture: str
    other: str
    symbols: _containers.RepeatedCompositeFieldContainer[NamedText]
    ratios: _containers.RepeatedCompositeFieldContainer[Ratio]
    left_out: _containers.RepeatedCompositeFieldContainer[NamedText]
    how: str
    def __init__(self, architecture: _Optional[str] = ..., other: _Optional[str] = ..., symbols: _Optional[_Iterable[_Union[NamedText, _Mapping]]] = ..., ratios: _Optional[_Iterable[_Union[Ratio, _Mapping]]] = ..., left_out: _Optional[_Iterable[_Union[NamedText, _Mapping]]] = ..., how: _Optional[str] = ...) -> None: ...

class Ratio(_message.Message):
    __slots__ = ("quantity", "above", "below", "names", "at_present", "limit")
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    ABOVE_FIELD_NUMBER: _ClassVar[int]
    BELOW_FIELD_NUMBER: _ClassVar[int]
    NAMES_FIELD_NUMBER: _ClassVar[int]
    AT_PRESENT_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    quantity: str
    above: _containers.RepeatedCompositeFieldContainer[PowerTerm]
    below: _containers.RepeatedCompositeFieldContainer[PowerTerm]
    names: _containers.RepeatedScalarFieldContainer[str]
    at_present: Value
    limit: Ratio
    def __init__(self, quantity: _Optional[str] = ..., above: _Optional[_Iterable[_Union[PowerTerm, _Mapping]]] = ..., below: _Optional[_Iterable[_Union[PowerTerm, _Mapping]]] = ..., names: _Optional[_Iterable[str]] = ..., at_present: _Optional[_Union[Value, _Mapping]] = ..., limit: _Optional[_Union[Ratio, _Mapping]] = ...) -> None: ...

class ConventionsRequest(_message.Message):
    __slots__ = ("pattern", "page_size", "page_token")
    PATTERN_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    pattern: str
    page_size: int
    page_token: str
    def __init__(self, pattern: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ConventionsResponse(_message.Message):
    __slots__ = ("conventions", "total_size", "next_page_token")
    CONVENTIONS_FIELD_NUMBER: _ClassVar[int]
    TOTAL_SIZE_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    conventions: _containers.RepeatedCompositeFieldContainer[Convention]
    total_size: int
    next_page_token: str
    def __init__(self, conventions: _Optional[_Iterable[_Union[Convention, _Mapping]]] = ..., total_size: _Optional[int] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class Convention(_message.Message):
    __slots__ = ("name", "summary", "source", "unit", "terms", "tool", "versions", "quantity", "notes", "other_bugs")
    NAME_FIELD_NUMBER: _ClassVar[int]
    SUMMARY_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    UNIT_FIELD_NUMBER: _ClassVar[int]
    TERMS_FIELD_NUMBER: _ClassVar[int]
    TOOL_FIELD_NUMBER: _ClassVar[int]
    VERSIONS_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    NOTES_FIELD_NUMBER: _ClassVar[int]
    OTHER_BUGS_FIELD_NUMBER: _ClassVar[int]
    name: str
    summary: str
    source: str
    unit: str
    terms: _containers.RepeatedCompositeFieldContainer[NamedTerms]
    tool: str
    versions: str
    quantity: CountedOf
    notes: _containers.RepeatedScalarFieldContainer[str]
    other_bugs: _containers.RepeatedCompositeFieldContainer[Bug]
    def __init__(self, name: _Optional[str] = ..., summary: _Optional[str] = ..., source: _Optional[str] = ..., unit: _Optional[str] = ..., terms: _Optional[_Iterable[_Union[NamedTerms, _Mapping]]] = ..., tool: _Optional[str] = ..., versions: _Optional[str] = ..., quantity: _Optional[_Union[CountedOf, str]] = ..., notes: _Optional[_Iterable[str]] = ..., other_bugs: _Optional[_Iterable[_Union[Bug, _Mapping]]] = ...) -> None: ...

class NamedTerms(_message.Message):
    __slots__ = ("name", "value")
    NAME_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    name: str
    value: _containers.RepeatedCompositeFieldContainer[Term]
    def __init__(self, name: _Optional[str] = ..., value: _Optional[_Iterable[_Union[Term, _Mapping]]] = ...) -> None: ...

class Term(_message.Message):
    __slots__ = ("weight", "measure", "bug")
    WEIGHT_FIELD_NUMBER: _ClassVar[int]
    MEASURE_FIELD_NUMBER: _ClassVar[int]
    BUG_FIELD_NUMBER: _ClassVar[int]
    weight: int
    measure: str
    bug: Bug
    def __init__(self, weight: _Optional[int] = ..., measure: _Optional[str] = ..., bug: _Optional[_Union[Bug, _Mapping]] = ...) -> None: ...

class Bug(_message.Message):
    __slots__ = ("summary", "versions", "evidence")
    SUMMARY_FIELD_NUMBER: _ClassVar[int]
    VERSIONS_FIELD_NUMBER: _ClassVar[int]
    EVIDENCE_FIELD_NUMBER: _ClassVar[int]
    summary: str
    versions: str
    evidence: str
    def __init__(self, summary: _Optional[str] = ..., versions: _Optional[str] = ..., evidence: _Optional[str] = ...) -> None: ...

class CountRequest(_message.Message):
    __slots__ = ("network", "convention")
    NETWORK_FIELD_NUMBER: _ClassVar[int]
    CONVENTION_FIELD_NUMBER: _ClassVar[int]
    network: Network
    convention: str
    def __init__(self, network: _Optional[_Union[Network, _Mapping]] = ..., convention: _Optional[str] = ...) -> None: ...

class CountResponse(_message.Message):
    __slots__ = ("count",)
    COUNT_FIELD_NUMBER: _ClassVar[int]
    count: Count
    def __init__(self, count: _Optional[_Union[Count, _Mapping]] = ...) -> None: ...

class Count(_message.Message):
    __slots__ = ("architecture", "input", "convention", "total", "by_layer", "by_term", "left_out", "beyond_64_bits")
    ARCHITECTURE_FIELD_NUMBER: _ClassVar[int]
    INPUT_FIELD_NUMBER: _ClassVar[int]
    CONVENTION_FIELD_NUMBER: _ClassVar[int]
    TOTAL_FIELD_NUMBER: _ClassVar[int]
    BY_LAYER_FIELD_NUMBER: _ClassVar[int]
    BY_TERM_FIELD_NUMBER: _ClassVar[int]
    LEFT_OUT_FIELD_NUMBER: _ClassVar[int]
    BEYOND_64_BITS_FIELD_NUMBER: _ClassVar[int]
    architecture: str
    input: Shape
    convention: Convention
    total: int
    by_layer: _containers.RepeatedCompositeFieldContainer[NamedCount]
    by_term: _containers.RepeatedCompositeFieldContainer[Counted]
    left_out: _containers.RepeatedCompositeFieldContainer[LeftOut]
    beyond_64_bits: _containers.RepeatedCompositeFieldContainer[BigCount]
    def __init__(self, architecture: _Optional[str] = ..., input: _Optional[_Union[Shape, _Mapping]] = ..., convention: _Optional[_Union[Convention, _Mapping]] = ..., total: _Optional[int] = ..., by_layer: _Optional[_Iterable[_Union[NamedCount, _Mapping]]] = ..., by_term: _Optional[_Iterable[_Union[Counted, _Mapping]]] = ..., left_out: _Optional[_Iterable[_Union[LeftOut, _Mapping]]] = ..., beyond_64_bits: _Optional[_Iterable[_Union[BigCount, _Mapping]]] = ...) -> None: ...

class Counted(_message.Message):
    __slots__ = ("op", "measure", "meaning", "weight", "measured", "amount", "nodes", "bug", "beyond_64_bits")
    OP_FIELD_NUMBER: _ClassVar[int]
    MEASURE_FIELD_NUMBER: _ClassVar[int]
    MEANING_FIELD_NUMBER: _ClassVar[int]
    WEIGHT_FIELD_NUMBER: _ClassVar[int]
    MEASURED_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_FIELD_NUMBER: _ClassVar[int]
    NODES_FIELD_NUMBER: _ClassVar[int]
    BUG_FIELD_NUMBER: _ClassVar[int]
    BEYOND_64_BITS_FIELD_NUMBER: _ClassVar[int]
    op: str
    measure: str
    meaning: str
    weight: int
    measured: int
    amount: int
    nodes: int
    bug: Bug
    beyond_64_bits: _containers.RepeatedCompositeFieldContainer[BigCount]
    def __init__(self, op: _Optional[str] = ..., measure: _Optional[str] = ..., meaning: _Optional[str] = ..., weight: _Optional[int] = ..., measured: _Optional[int] = ..., amount: _Optional[int] = ..., nodes: _Optional[int] = ..., bug: _Optional[_Union[Bug, _Mapping]] = ..., beyond_64_bits: _Optional[_Iterable[_Union[BigCount, _Mapping]]] = ...) -> None: ...

class ReconcileRequest(_message.Message):
    __slots__ = ("network", "tools", "start", "to")
    NETWORK_FIELD_NUMBER: _ClassVar[int]
    TOOLS_FIELD_NUMBER: _ClassVar[int]
    START_FIELD_NUMBER: _ClassVar[int]
    TO_FIELD_NUMBER: _ClassVar[int]
    network: Network
    tools: _containers.RepeatedScalarFieldContainer[str]
    start: str
    to: str
    def __init__(self, network: _Optional[_Union[Network, _Mapping]] = ..., tools: _Optional[_Iterable[str]] = ..., start: _Optional[str] = ..., to: _Optional[str] = ...) -> None: ...

class ReconcileResponse(_message.Message):
    __slots__ = ("reconciliation",)
    RECONCILIATION_FIELD_NUMBER: _ClassVar[int]
    reconciliation: Reconciliation
    def __init__(self, reconciliation: _Optional[_Union[Reconciliation, _Mapping]] = ...) -> None: ...

class Reconciliation(_message.Message):
    __slots__ = ("architecture", "input", "changed", "lines", "waterfalls", "further_inputs")
    ARCHITECTURE_FIELD_NUMBER: _ClassVar[int]
    INPUT_FIELD_NUMBER: _ClassVar[int]
    CHANGED_FIELD_NUMBER: _ClassVar[int]
    LINES_FIELD_NUMBER: _ClassVar[int]
    WATERFALLS_FIELD_NUMBER: _ClassVar[int]
    FURTHER_INPUTS_FIELD_NUMBER: _ClassVar[int]
    architecture: str
    input: Shape
    changed: _containers.RepeatedCompositeFieldContainer[NamedValue]
    lines: _containers.RepeatedCompositeFieldContainer[CountLine]
    waterfalls: _containers.RepeatedCompositeFieldContainer[Waterfall]
    further_inputs: _containers.RepeatedCompositeFieldContainer[Shape]
    def __init__(self, architecture: _Optional[str] = ..., input: _Optional[_Union[Shape, _Mapping]] = ..., changed: _Optional[_Iterable[_Union[NamedValue, _Mapping]]] = ..., lines: _Optional[_Iterable[_Union[CountLine, _Mapping]]] = ..., waterfalls: _Optional[_Iterable[_Union[Waterfall, _Mapping]]] = ..., further_inputs: _Optional[_Iterable[_Union[Shape, _Mapping]]] = ...) -> None: ...

class CountLine(_message.Message):
    __slots__ = ("name", "convention", "implementation", "total", "bugs", "left_out", "beyond_64_bits")
    NAME_FIELD_NUMBER: _ClassVar[int]
    CONVENTION_FIELD_NUMBER: _ClassVar[int]
    IMPLEMENTATION_FIELD_NUMBER: _ClassVar[int]
    TOTAL_FIELD_NUMBER: _ClassVar[int]
    BUGS_FIELD_NUMBER: _ClassVar[int]
    LEFT_OUT_FIELD_NUMBER: _ClassVar[int]
    BEYOND_64_BITS_FIELD_NUMBER: _ClassVar[int]
    name: str
    convention: Convention
    implementation: str
    total: int
    bugs: int
    left_out: _containers.RepeatedCompositeFieldContainer[LeftOut]
    beyond_64_bits: _containers.RepeatedCompositeFieldContainer[BigCount]
    def __init__(self, name: _Optional[str] = ..., convention: _Optional[_Union[Convention, _Mapping]] = ..., implementation: _Optional[str] = ..., total: _Optional[int] = ..., bugs: _Optional[int] = ..., left_out: _Optional[_Iterable[_Union[LeftOut, _Mapping]]] = ..., beyond_64_bits: _Optional[_Iterable[_Union[BigCount, _Mapping]]] = ...) -> None: ...

class Waterfall(_message.Message):
    __slots__ = ("start", "end", "steps")
    START_FIELD_NUMBER: _ClassVar[int]
    END_FIELD_NUMBER: _ClassVar[int]
    STEPS_FIELD_NUMBER: _ClassVar[int]
    start: CountLine
    end: CountLine
    steps: _containers.RepeatedCompositeFieldContainer[Step]
    def __init__(self, start: _Optional[_Union[CountLine, _Mapping]] = ..., end: _Optional[_Union[CountLine, _Mapping]] = ..., steps: _Optional[_Iterable[_Union[Step, _Mapping]]] = ...) -> None: ...

class Step(_message.Message):
    __slots__ = ("op", "measure", "meaning", "weight", "measured", "amount", "nodes", "reason", "is_bug", "beyond_64_bits")
    OP_FIELD_NUMBER: _ClassVar[int]
    MEASURE_FIELD_NUMBER: _ClassVar[int]
    MEANING_FIELD_NUMBER: _ClassVar[int]
    WEIGHT_FIELD_NUMBER: _ClassVar[int]
    MEASURED_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_FIELD_NUMBER: _ClassVar[int]
    NODES_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    IS_BUG_FIELD_NUMBER: _ClassVar[int]
    BEYOND_64_BITS_FIELD_NUMBER: _ClassVar[int]
    op: str
    measure: str
    meaning: str
    weight: int
    measured: int
    amount: int
    nodes: int
    reason: str
    is_bug: bool
    beyond_64_bits: _containers.RepeatedCompositeFieldContainer[BigCount]
    def __init__(self, op: _Optional[str] = ..., measure: _Optional[str] = ..., meaning: _Optional[str] = ..., weight: _Optional[int] = ..., measured: _Optional[int] = ..., amount: _Optional[int] = ..., nodes: _Optional[int] = ..., reason: _Optional[str] = ..., is_bug: _Optional[bool] = ..., beyond_64_bits: _Optional[_Iterable[_Union[BigCount, _Mapping]]] = ...) -> None: ...

class AuditRequest(_message.Message):
    __slots__ = ("document", "architecture", "verdict", "page_size", "page_token")
    DOCUMENT_FIELD_NUMBER: _ClassVar[int]
    ARCHITECTURE_FIELD_NUMBER: _ClassVar[int]
    VERDICT_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    document: str
    architecture: str
    verdict: AuditVerdict
    page_size: int
    page_token: str
    def __init__(self, document: _Optional[str] = ..., architecture: _Optional[str] = ..., verdict: _Optional[_Union[AuditVerdict, str]] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class AuditResponse(_message.Message):
    __slots__ = ("audited", "counts", "total_size", "next_page_token")
    AUDITED_FIELD_NUMBER: _ClassVar[int]
    COUNTS_FIELD_NUMBER: _ClassVar[int]
    TOTAL_SIZE_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    audited: _containers.RepeatedCompositeFieldContainer[Audited]
    counts: _containers.RepeatedCompositeFieldContainer[DocumentCounts]
    total_size: int
    next_page_token: str
    def __init__(self, audited: _Optional[_Iterable[_Union[Audited, _Mapping]]] = ..., counts: _Optional[_Iterable[_Union[DocumentCounts, _Mapping]]] = ..., total_size: _Optional[int] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class DocumentCounts(_message.Message):
    __slots__ = ("document", "counts")
    DOCUMENT_FIELD_NUMBER: _ClassVar[int]
    COUNTS_FIELD_NUMBER: _ClassVar[int]
    document: str
    counts: _containers.RepeatedCompositeFieldContainer[VerdictCount]
    def __init__(self, document: _Optional[str] = ..., counts: _Optional[_Iterable[_Union[VerdictCount, _Mapping]]] = ...) -> None: ...

class VerdictCount(_message.Message):
    __slots__ = ("verdict", "count")
    VERDICT_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    verdict: AuditVerdict
    count: int
    def __init__(self, verdict: _Optional[_Union[AuditVerdict, str]] = ..., count: _Optional[int] = ...) -> None: ...

class Audited(_message.Message):
    __slots__ = ("claim", "verdict", "computed", "reading", "reason", "under")
    CLAIM_FIELD_NUMBER: _ClassVar[int]
    VERDICT_FIELD_NUMBER: _ClassVar[int]
    COMPUTED_FIELD_NUMBER: _ClassVar[int]
    READING_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    UNDER_FIELD_NUMBER: _ClassVar[int]
    claim: Claim
    verdict: AuditVerdict
    computed: Value
    reading: str
    reason: str
    under: Value
    def __init__(self, claim: _Optional[_Union[Claim, _Mapping]] = ..., verdict: _Optional[_Union[AuditVerdict, str]] = ..., computed: _Optional[_Union[Value, _Mapping]] = ..., reading: _Optional[str] = ..., reason: _Optional[str] = ..., under: _Optional[_Union[Value, _Mapping]] = ...) -> None: ...

class Claim(_message.Message):
    __slots__ = ("id", "document", "line", "section", "architecture", "scope", "quantity", "text", "number", "unit", "comment", "printed", "selector", "slip", "note")
    ID_FIELD_NUMBER: _ClassVar[int]
    DOCUMENT_FIELD_NUMBER: _ClassVar[int]
    LINE_FIELD_NUMBER: _ClassVar[int]
    SECTION_FIELD_NUMBER: _ClassVar[int]
    ARCHITECTURE_FIELD_NUMBER: _ClassVar[int]
    SCOPE_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    UNIT_FIELD_NUMBER: _ClassVar[int]
    COMMENT_FIELD_NUMBER: _ClassVar[int]
    PRINTED_FIELD_NUMBER: _ClassVar[int]
    SELECTOR_FIELD_NUMBER: _ClassVar[int]
    SLIP_FIELD_NUMBER: _ClassVar[int]
    NOTE_FIELD_NUMBER: _ClassVar[int]
    id: str
    document: str
    line: int
    section: str
    architecture: str
    scope: str
    quantity: str
    text: str
    number: str
    unit: str
    comment: str
    printed: str
    selector: str
    slip: str
    note: str
    def __init__(self, id: _Optional[str] = ..., document: _Optional[str] = ..., line: _Optional[int] = ..., section: _Optional[str] = ..., architecture: _Optional[str] = ..., scope: _Optional[str] = ..., quantity: _Optional[str] = ..., text: _Optional[str] = ..., number: _Optional[str] = ..., unit: _Optional[str] = ..., comment: _Optional[str] = ..., printed: _Optional[str] = ..., selector: _Optional[str] = ..., slip: _Optional[str] = ..., note: _Optional[str] = ...) -> None: ...

class AuditClaimRequest(_message.Message):
    __slots__ = ("id",)
    ID_FIELD_NUMBER: _ClassVar[int]
    id: str
    def __init__(self, id: _Optional[str] = ...) -> None: ...

class AuditClaimResponse(_message.Message):
    __slots__ = ("case",)
    CASE_FIELD_NUMBER: _ClassVar[int]
    case: Case
    def __init__(self, case: _Optional[_Union[Case, _Mapping]] = ...) -> None: ...

class Case(_message.Message):
    __slots__ = ("audited", "line", "facts", "slip")
    AUDITED_FIELD_NUMBER: _ClassVar[int]
    LINE_FIELD_NUMBER: _ClassVar[int]
    FACTS_FIELD_NUMBER: _ClassVar[int]
    SLIP_FIELD_NUMBER: _ClassVar[int]
    audited: Audited
    line: str
    facts: _containers.RepeatedCompositeFieldContainer[Fact]
    slip: Value
    def __init__(self, audited: _Optional[_Union[Audited, _Mapping]] = ..., line: _Optional[str] = ..., facts: _Optional[_Iterable[_Union[Fact, _Mapping]]] = ..., slip: _Optional[_Union[Value, _Mapping]] = ...) -> None: ...

class Fact(_message.Message):
    __slots__ = ("fact", "value")
    FACT_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    fact: str
    value: Value
    def __init__(self, fact: _Optional[str] = ..., value: _Optional[_Union[Value, _Mapping]] = ...) -> None: ...

class ExplainRequest(_message.Message):
    __slots__ = ("number", "architecture", "quantity", "changes")
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    ARCHITECTURE_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    CHANGES_FIELD_NUMBER: _ClassVar[int]
    number: str
    architecture: str
    quantity: str
    changes: int
    def __init__(self, number: _Optional[str] = ..., architecture: _Optional[str] = ..., quantity: _Optional[str] = ..., changes: _Optional[int] = ...) -> None: ...

class ExplainResponse(_message.Message):
    __slots__ = ("explanation",)
    EXPLANATION_FIELD_NUMBER: _ClassVar[int]
    explanation: Explanation
    def __init__(self, explanation: _Optional[_Union[Explanation, _Mapping]] = ...) -> None: ...

class Explanation(_message.Message):
    __slots__ = ("printed", "architecture", "quantities", "readings", "nearest", "networks_tried", "known", "left_out_by_chance")
    PRINTED_FIELD_NUMBER: _ClassVar[int]
    ARCHITECTURE_FIELD_NUMBER: _ClassVar[int]
    QUANTITIES_FIELD_NUMBER: _ClassVar[int]
    READINGS_FIELD_NUMBER: _ClassVar[int]
    NEAREST_FIELD_NUMBER: _ClassVar[int]
    NETWORKS_TRIED_FIELD_NUMBER: _ClassVar[int]
    KNOWN_FIELD_NUMBER: _ClassVar[int]
    LEFT_OUT_BY_CHANCE_FIELD_NUMBER: _ClassVar[int]
    printed: Printed
    architecture: str
    quantities: _containers.RepeatedScalarFieldContainer[str]
    readings: _containers.RepeatedCompositeFieldContainer[Explained]
    nearest: _containers.RepeatedCompositeFieldContainer[Explained]
    networks_tried: int
    known: _containers.RepeatedCompositeFieldContainer[Audited]
    left_out_by_chance: int
    def __init__(self, printed: _Optional[_Union[Printed, _Mapping]] = ..., architecture: _Optional[str] = ..., quantities: _Optional[_Iterable[str]] = ..., readings: _Optional[_Iterable[_Union[Explained, _Mapping]]] = ..., nearest: _Optional[_Iterable[_Union[Explained, _Mapping]]] = ..., networks_tried: _Optional[int] = ..., known: _Optional[_Iterable[_Union[Audited, _Mapping]]] = ..., left_out_by_chance: _Optional[int] = ...) -> None: ...

class Printed(_message.Message):
    __slots__ = ("text", "value", "last", "power", "unit", "binary", "words", "grouped", "places")
    TEXT_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    LAST_FIELD_NUMBER: _ClassVar[int]
    POWER_FIELD_NUMBER: _ClassVar[int]
    UNIT_FIELD_NUMBER: _ClassVar[int]
    BINARY_FIELD_NUMBER: _ClassVar[int]
    WORDS_FIELD_NUMBER: _ClassVar[int]
    GROUPED_FIELD_NUMBER: _ClassVar[int]
    PLACES_FIELD_NUMBER: _ClassVar[int]
    text: str
    value: Value
    last: Value
    power: int
    unit: str
    binary: bool
    words: str
    grouped: bool
    places: Value
    def __init__(self, text: _Optional[str] = ..., value: _Optional[_Union[Value, _Mapping]] = ..., last: _Optional[_Union[Value, _Mapping]] = ..., power: _Optional[int] = ..., unit: _Optional[str] = ..., binary: _Optional[bool] = ..., words: _Optional[str] = ..., grouped: _Optional[bool] = ..., places: _Optional[_Union[Value, _Mapping]] = ...) -> None: ...

class Explained(_message.Message):
    __slots__ = ("quantity", "fact", "reading", "unlikely", "strength", "expected_by_chance")
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    FACT_FIELD_NUMBER: _ClassVar[int]
    READING_FIELD_NUMBER: _ClassVar[int]
    UNLIKELY_FIELD_NUMBER: _ClassVar[int]
    STRENGTH_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_BY_CHANCE_FIELD_NUMBER: _ClassVar[int]
    quantity: str
    fact: str
    reading: Reading
    unlikely: float
    strength: ReadingStrength
    expected_by_chance: float
    def __init__(self, quantity: _Optional[str] = ..., fact: _Optional[str] = ..., reading: _Optional[_Union[Reading, _Mapping]] = ..., unlikely: _Optional[float] = ..., strength: _Optional[_Union[ReadingStrength, str]] = ..., expected_by_chance: _Optional[float] = ...) -> None: ...

class Reading(_message.Message):
    __slots__ = ("networks", "input", "convention", "changes", "value", "digits", "agrees", "distance")
    NETWORKS_FIELD_NUMBER: _ClassVar[int]
    INPUT_FIELD_NUMBER: _ClassVar[int]
    CONVENTION_FIELD_NUMBER: _ClassVar[int]
    CHANGES_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    DIGITS_FIELD_NUMBER: _ClassVar[int]
    AGREES_FIELD_NUMBER: _ClassVar[int]
    DISTANCE_FIELD_NUMBER: _ClassVar[int]
    networks: _containers.RepeatedScalarFieldContainer[str]
    input: _containers.RepeatedScalarFieldContainer[int]
    convention: str
    changes: _containers.RepeatedCompositeFieldContainer[Change]
    value: Value
    digits: str
    agrees: bool
    distance: float
    def __init__(self, networks: _Optional[_Iterable[str]] = ..., input: _Optional[_Iterable[int]] = ..., convention: _Optional[str] = ..., changes: _Optional[_Iterable[_Union[Change, _Mapping]]] = ..., value: _Optional[_Union[Value, _Mapping]] = ..., digits: _Optional[str] = ..., agrees: _Optional[bool] = ..., distance: _Optional[float] = ...) -> None: ...

class Change(_message.Message):
    __slots__ = ("kind", "words", "weight", "weak")
    KIND_FIELD_NUMBER: _ClassVar[int]
    WORDS_FIELD_NUMBER: _ClassVar[int]
    WEIGHT_FIELD_NUMBER: _ClassVar[int]
    WEAK_FIELD_NUMBER: _ClassVar[int]
    kind: str
    words: str
    weight: Value
    weak: bool
    def __init__(self, kind: _Optional[str] = ..., words: _Optional[str] = ..., weight: _Optional[_Union[Value, _Mapping]] = ..., weak: _Optional[bool] = ...) -> None: ...

class PublishedAccuraciesRequest(_message.Message):
    __slots__ = ("names", "dataset", "recipes", "page_size", "page_token")
    NAMES_FIELD_NUMBER: _ClassVar[int]
    DATASET_FIELD_NUMBER: _ClassVar[int]
    RECIPES_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    names: _containers.RepeatedScalarFieldContainer[str]
    dataset: str
    recipes: _containers.RepeatedScalarFieldContainer[str]
    page_size: int
    page_token: str
    def __init__(self, names: _Optional[_Iterable[str]] = ..., dataset: _Optional[str] = ..., recipes: _Optional[_Iterable[str]] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class PublishedAccuraciesResponse(_message.Message):
    __slots__ = ("accuracies", "total_size", "next_page_token")
    ACCURACIES_FIELD_NUMBER: _ClassVar[int]
    TOTAL_SIZE_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    accuracies: _containers.RepeatedCompositeFieldContainer[Located]
    total_size: int
    next_page_token: str
    def __init__(self, accuracies: _Optional[_Iterable[_Union[Located, _Mapping]]] = ..., total_size: _Optional[int] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class Located(_message.Message):
    __slots__ = ("point", "input", "params", "mult_adds", "problem")
    POINT_FIELD_NUMBER: _ClassVar[int]
    INPUT_FIELD_NUMBER: _ClassVar[int]
    PARAMS_FIELD_NUMBER: _ClassVar[int]
    MULT_ADDS_FIELD_NUMBER: _ClassVar[int]
    PROBLEM_FIELD_NUMBER: _ClassVar[int]
    point: AccuracyPoint
    input: Shape
    params: int
    mult_adds: int
    problem: str
    def __init__(self, point: _Optional[_Union[AccuracyPoint, _Mapping]] = ..., input: _Optional[_Union[Shape, _Mapping]] = ..., params: _Optional[int] = ..., mult_adds: _Optional[int] = ..., problem: _Optional[str] = ...) -> None: ...

class AccuracyPoint(_message.Message):
    __slots__ = ("architecture", "dataset", "top1", "top5", "size_pixels", "recipe", "evaluation", "extra_data", "source", "printed_params", "printed_mult_adds", "notes")
    ARCHITECTURE_FIELD_NUMBER: _ClassVar[int]
    DATASET_FIELD_NUMBER: _ClassVar[int]
    TOP1_FIELD_NUMBER: _ClassVar[int]
    TOP5_FIELD_NUMBER: _ClassVar[int]
    SIZE_PIXELS_FIELD_NUMBER: _ClassVar[int]
    RECIPE_FIELD_NUMBER: _ClassVar[int]
    EVALUATION_FIELD_NUMBER: _ClassVar[int]
    EXTRA_DATA_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    PRINTED_PARAMS_FIELD_NUMBER: _ClassVar[int]
    PRINTED_MULT_ADDS_FIELD_NUMBER: _ClassVar[int]
    NOTES_FIELD_NUMBER: _ClassVar[int]
    architecture: str
    dataset: str
    top1: float
    top5: float
    size_pixels: int
    recipe: str
    evaluation: str
    extra_data: str
    source: str
    printed_params: str
    printed_mult_adds: str
    notes: str
    def __init__(self, architecture: _Optional[str] = ..., dataset: _Optional[str] = ..., top1: _Optional[float] = ..., top5: _Optional[float] = ..., size_pixels: _Optional[int] = ..., recipe: _Optional[str] = ..., evaluation: _Optional[str] = ..., extra_data: _Optional[str] = ..., source: _Optional[str] = ..., printed_params: _Optional[str] = ..., printed_mult_adds: _Optional[str] = ..., notes: _Optional[str] = ...) -> None: ...

class CheckPublishedCostsRequest(_message.Message):
    __slots__ = ("names", "dataset", "recipes", "page_size", "page_token")
    NAMES_FIELD_NUMBER: _ClassVar[int]
    DATASET_FIELD_NUMBER: _ClassVar[int]
    RECIPES_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    names: _containers.RepeatedScalarFieldContainer[str]
    dataset: str
    recipes: _containers.RepeatedScalarFieldContainer[str]
    page_size: int
    page_token: str
    def __init__(self, names: _Optional[_Iterable[str]] = ..., dataset: _Optional[str] = ..., recipes: _Optional[_Iterable[str]] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class CheckPublishedCostsResponse(_message.Message):
    __slots__ = ("agreeing", "disagreements", "absent", "total_size", "next_page_token")
    AGREEING_FIELD_NUMBER: _ClassVar[int]
    DISAGREEMENTS_FIELD_NUMBER: _ClassVar[int]
    ABSENT_FIELD_NUMBER: _ClassVar[int]
    TOTAL_SIZE_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    agreeing: int
    disagreements: _containers.RepeatedCompositeFieldContainer[Disagreement]
    absent: int
    total_size: int
    next_page_token: str
    def __init__(self, agreeing: _Optional[int] = ..., disagreements: _Optional[_Iterable[_Union[Disagreement, _Mapping]]] = ..., absent: _Optional[int] = ..., total_size: _Optional[int] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class Disagreement(_message.Message):
    __slots__ = ("point", "quantity", "printed", "ours", "relative", "reason")
    POINT_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    PRINTED_FIELD_NUMBER: _ClassVar[int]
    OURS_FIELD_NUMBER: _ClassVar[int]
    RELATIVE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    point: AccuracyPoint
    quantity: str
    printed: int
    ours: int
    relative: float
    reason: str
    def __init__(self, point: _Optional[_Union[AccuracyPoint, _Mapping]] = ..., quantity: _Optional[str] = ..., printed: _Optional[int] = ..., ours: _Optional[int] = ..., relative: _Optional[float] = ..., reason: _Optional[str] = ...) -> None: ...

class SweepRequest(_message.Message):
    __slots__ = ("network", "points")
    NETWORK_FIELD_NUMBER: _ClassVar[int]
    POINTS_FIELD_NUMBER: _ClassVar[int]
    network: Network
    points: _containers.RepeatedCompositeFieldContainer[Point]
    def __init__(self, network: _Optional[_Union[Network, _Mapping]] = ..., points: _Optional[_Iterable[_Union[Point, _Mapping]]] = ...) -> None: ...

class Point(_message.Message):
    __slots__ = ("input", "hyperparameters")
    class HyperparametersEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: Value
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[Value, _Mapping]] = ...) -> None: ...
    INPUT_FIELD_NUMBER: _ClassVar[int]
    HYPERPARAMETERS_FIELD_NUMBER: _ClassVar[int]
    input: Shape
    hyperparameters: _containers.MessageMap[str, Value]
    def __init__(self, input: _Optional[_Union[Shape, _Mapping]] = ..., hyperparameters: _Optional[_Mapping[str, Value]] = ...) -> None: ...

class SweepResponse(_message.Message):
    __slots__ = ("evaluations",)
    EVALUATIONS_FIELD_NUMBER: _ClassVar[int]
    evaluations: _containers.RepeatedCompositeFieldContainer[Evaluation]
    def __init__(self, evaluations: _Optional[_Iterable[_Union[Evaluation, _Mapping]]] = ...) -> None: ...

class Evaluation(_message.Message):
    __slots__ = ("input", "totals", "problem")
    INPUT_FIELD_NUMBER: _ClassVar[int]
    TOTALS_FIELD_NUMBER: _ClassVar[int]
    PROBLEM_FIELD_NUMBER: _ClassVar[int]
    input: Shape
    totals: Totals
    problem: str
    def __init__(self, input: _Optional[_Union[Shape, _Mapping]] = ..., totals: _Optional[_Union[Totals, _Mapping]] = ..., problem: _Optional[str] = ...) -> None: ...

class SweepSpaceRequest(_message.Message):
    __slots__ = ("space", "quantities", "where", "sample", "seed", "batch", "dtype", "training", "start", "limit", "draws")
    SPACE_FIELD_NUMBER: _ClassVar[int]
    QUANTITIES_FIELD_NUMBER: _ClassVar[int]
    WHERE_FIELD_NUMBER: _ClassVar[int]
    SAMPLE_FIELD_NUMBER: _ClassVar[int]
    SEED_FIELD_NUMBER: _ClassVar[int]
    BATCH_FIELD_NUMBER: _ClassVar[int]
    DTYPE_FIELD_NUMBER: _ClassVar[int]
    TRAINING_FIELD_NUMBER: _ClassVar[int]
    START_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    DRAWS_FIELD_NUMBER: _ClassVar[int]
    space: DesignSpace
    quantities: _containers.RepeatedScalarFieldContainer[str]
    where: _containers.RepeatedScalarFieldContainer[str]
    sample: int
    seed: int
    batch: int
    dtype: Dtype
    training: Training
    start: int
    limit: int
    draws: int
    def __init__(self, space: _Optional[_Union[DesignSpace, _Mapping]] = ..., quantities: _Optional[_Iterable[str]] = ..., where: _Optional[_Iterable[str]] = ..., sample: _Optional[int] = ..., seed: _Optional[int] = ..., batch: _Optional[int] = ..., dtype: _Optional[_Union[Dtype, str]] = ..., training: _Optional[_Union[Training, _Mapping]] = ..., start: _Optional[int] = ..., limit: _Optional[int] = ..., draws: _Optional[int] = ...) -> None: ...

class DesignSpace(_message.Message):
    __slots__ = ("name", "toml", "network", "axes", "constraints", "input", "hyperparameters", "title")
    class HyperparametersEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: Value
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[Value, _Mapping]] = ...) -> None: ...
    NAME_FIELD_NUMBER: _ClassVar[int]
    TOML_FIELD_NUMBER: _ClassVar[int]
    NETWORK_FIELD_NUMBER: _ClassVar[int]
    AXES_FIELD_NUMBER: _ClassVar[int]
    CONSTRAINTS_FIELD_NUMBER: _ClassVar[int]
    INPUT_FIELD_NUMBER: _ClassVar[int]
    HYPERPARAMETERS_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    name: str
    toml: str
    network: str
    axes: _containers.RepeatedCompositeFieldContainer[SpaceAxis]
    constraints: _containers.RepeatedScalarFieldContainer[str]
    input: Shape
    hyperparameters: _containers.MessageMap[str, Value]
    title: str
    def __init__(self, name: _Optional[str] = ..., toml: _Optional[str] = ..., network: _Optional[str] = ..., axes: _Optional[_Iterable[_Union[SpaceAxis, _Mapping]]] = ..., constraints: _Optional[_Iterable[str]] = ..., input: _Optional[_Union[Shape, _Mapping]] = ..., hyperparameters: _Optional[_Mapping[str, Value]] = ..., title: _Optional[str] = ...) -> None: ...

class SpaceAxis(_message.Message):
    __slots__ = ("name", "text", "values")
    NAME_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    VALUES_FIELD_NUMBER: _ClassVar[int]
    name: str
    text: str
    values: _containers.RepeatedCompositeFieldContainer[Value]
    def __init__(self, name: _Optional[str] = ..., text: _Optional[str] = ..., values: _Optional[_Iterable[_Union[Value, _Mapping]]] = ...) -> None: ...

class SweepSpaceResponse(_message.Message):
    __slots__ = ("header", "part", "end")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    PART_FIELD_NUMBER: _ClassVar[int]
    END_FIELD_NUMBER: _ClassVar[int]
    header: SweepHeader
    part: SweepPart
    end: SweepEnd
    def __init__(self, header: _Optional[_Union[SweepHeader, _Mapping]] = ..., part: _Optional[_Union[SweepPart, _Mapping]] = ..., end: _Optional[_Union[SweepEnd, _Mapping]] = ...) -> None: ...

class SweepHeader(_message.Message):
    __slots__ = ("space", "columns", "points", "constraints", "remarks")
    SPACE_FIELD_NUMBER: _ClassVar[int]
    COLUMNS_FIELD_NUMBER: _ClassVar[int]
    POINTS_FIELD_NUMBER: _ClassVar[int]
    CONSTRAINTS_FIELD_NUMBER: _ClassVar[int]
    REMARKS_FIELD_NUMBER: _ClassVar[int]
    space: str
    columns: _containers.RepeatedCompositeFieldContainer[SweepColumn]
    points: str
    constraints: _containers.RepeatedScalarFieldContainer[str]
    remarks: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, space: _Optional[str] = ..., columns: _Optional[_Iterable[_Union[SweepColumn, _Mapping]]] = ..., points: _Optional[str] = ..., constraints: _Optional[_Iterable[str]] = ..., remarks: _Optional[_Iterable[str]] = ...) -> None: ...

class SweepColumn(_message.Message):
    __slots__ = ("name", "kind", "unit", "label")
    NAME_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    UNIT_FIELD_NUMBER: _ClassVar[int]
    LABEL_FIELD_NUMBER: _ClassVar[int]
    name: str
    kind: ColumnKind
    unit: str
    label: str
    def __init__(self, name: _Optional[str] = ..., kind: _Optional[_Union[ColumnKind, str]] = ..., unit: _Optional[str] = ..., label: _Optional[str] = ...) -> None: ...

class SweepPart(_message.Message):
    __slots__ = ("rows", "columns", "drawn")
    ROWS_FIELD_NUMBER: _ClassVar[int]
    COLUMNS_FIELD_NUMBER: _ClassVar[int]
    DRAWN_FIELD_NUMBER: _ClassVar[int]
    rows: int
    columns: _containers.RepeatedCompositeFieldContainer[ColumnValues]
    drawn: int
    def __init__(self, rows: _Optional[int] = ..., columns: _Optional[_Iterable[_Union[ColumnValues, _Mapping]]] = ..., drawn: _Optional[int] = ...) -> None: ...

class ColumnValues(_message.Message):
    __slots__ = ("whole", "real", "places", "texts", "flags", "missing")
    WHOLE_FIELD_NUMBER: _ClassVar[int]
    REAL_FIELD_NUMBER: _ClassVar[int]
    PLACES_FIELD_NUMBER: _ClassVar[int]
    TEXTS_FIELD_NUMBER: _ClassVar[int]
    FLAGS_FIELD_NUMBER: _ClassVar[int]
    MISSING_FIELD_NUMBER: _ClassVar[int]
    whole: _containers.RepeatedScalarFieldContainer[int]
    real: _containers.RepeatedScalarFieldContainer[float]
    places: _containers.RepeatedScalarFieldContainer[int]
    texts: _containers.RepeatedScalarFieldContainer[str]
    flags: _containers.RepeatedScalarFieldContainer[bool]
    missing: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, whole: _Optional[_Iterable[int]] = ..., real: _Optional[_Iterable[float]] = ..., places: _Optional[_Iterable[int]] = ..., texts: _Optional[_Iterable[str]] = ..., flags: _Optional[_Iterable[bool]] = ..., missing: _Optional[_Iterable[int]] = ...) -> None: ...

class SweepEnd(_message.Message):
    __slots__ = ("drawn", "ended")
    DRAWN_FIELD_NUMBER: _ClassVar[int]
    ENDED_FIELD_NUMBER: _ClassVar[int]
    drawn: int
    ended: SweepEnded
    def __init__(self, drawn: _Optional[int] = ..., ended: _Optional[_Union[SweepEnded, str]] = ...) -> None: ...

class GraphPictureRequest(_message.Message):
    __slots__ = ("network", "format", "open_levels", "view", "block", "direction", "costs", "detail")
    NETWORK_FIELD_NUMBER: _ClassVar[int]
    FORMAT_FIELD_NUMBER: _ClassVar[int]
    OPEN_LEVELS_FIELD_NUMBER: _ClassVar[int]
    VIEW_FIELD_NUMBER: _ClassVar[int]
    BLOCK_FIELD_NUMBER: _ClassVar[int]
    DIRECTION_FIELD_NUMBER: _ClassVar[int]
    COSTS_FIELD_NUMBER: _ClassVar[int]
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    network: Network
    format: GraphFormat
    open_levels: str
    view: PictureView
    block: str
    direction: PictureDirection
    costs: PictureCosts
    detail: bool
    def __init__(self, network: _Optional[_Union[Network, _Mapping]] = ..., format: _Optional[_Union[GraphFormat, str]] = ..., open_levels: _Optional[str] = ..., view: _Optional[_Union[PictureView, str]] = ..., block: _Optional[str] = ..., direction: _Optional[_Union[PictureDirection, str]] = ..., costs: _Optional[_Union[PictureCosts, str]] = ..., detail: _Optional[bool] = ...) -> None: ...

class GraphPictureResponse(_message.Message):
    __slots__ = ("chunk",)
    CHUNK_FIELD_NUMBER: _ClassVar[int]
    chunk: bytes
    def __init__(self, chunk: _Optional[bytes] = ...) -> None: ...

class PlotRequest(_message.Message):
    __slots__ = ("kind", "names", "format", "width_mm", "convention", "recipes", "dataset", "batch", "precision", "device")
    KIND_FIELD_NUMBER: _ClassVar[int]
    NAMES_FIELD_NUMBER: _ClassVar[int]
    FORMAT_FIELD_NUMBER: _ClassVar[int]
    WIDTH_MM_FIELD_NUMBER: _ClassVar[int]
    CONVENTION_FIELD_NUMBER: _ClassVar[int]
    RECIPES_FIELD_NUMBER: _ClassVar[int]
    DATASET_FIELD_NUMBER: _ClassVar[int]
    BATCH_FIELD_NUMBER: _ClassVar[int]
    PRECISION_FIELD_NUMBER: _ClassVar[int]
    DEVICE_FIELD_NUMBER: _ClassVar[int]
    kind: str
    names: _containers.RepeatedScalarFieldContainer[str]
    format: PlotFormat
    width_mm: float
    convention: str
    recipes: _containers.RepeatedScalarFieldContainer[str]
    dataset: str
    batch: int
    precision: Precision
    device: str
    def __init__(self, kind: _Optional[str] = ..., names: _Optional[_Iterable[str]] = ..., format: _Optional[_Union[PlotFormat, str]] = ..., width_mm: _Optional[float] = ..., convention: _Optional[str] = ..., recipes: _Optional[_Iterable[str]] = ..., dataset: _Optional[str] = ..., batch: _Optional[int] = ..., precision: _Optional[_Union[Precision, str]] = ..., device: _Optional[str] = ...) -> None: ...

class PlotResponse(_message.Message):
    __slots__ = ("chunk",)
    CHUNK_FIELD_NUMBER: _ClassVar[int]
    chunk: bytes
    def __init__(self, chunk: _Optional[bytes] = ...) -> None: ...

class ScalingFigureRequest(_message.Message):
    __slots__ = ("network", "format")
    NETWORK_FIELD_NUMBER: _ClassVar[int]
    FORMAT_FIELD_NUMBER: _ClassVar[int]
    network: Network
    format: PlotFormat
    def __init__(self, network: _Optional[_Union[Network, _Mapping]] = ..., format: _Optional[_Union[PlotFormat, str]] = ...) -> None: ...

class ScalingFigureResponse(_message.Message):
    __slots__ = ("chunk",)
    CHUNK_FIELD_NUMBER: _ClassVar[int]
    chunk: bytes
    def __init__(self, chunk: _Optional[bytes] = ...) -> None: ...

class ReportRequest(_message.Message):
    __slots__ = ("names", "format")
    NAMES_FIELD_NUMBER: _ClassVar[int]
    FORMAT_FIELD_NUMBER: _ClassVar[int]
    names: _containers.RepeatedScalarFieldContainer[str]
    format: ReportFormat
    def __init__(self, names: _Optional[_Iterable[str]] = ..., format: _Optional[_Union[ReportFormat, str]] = ...) -> None: ...

class ReportResponse(_message.Message):
    __slots__ = ("chunk",)
    CHUNK_FIELD_NUMBER: _ClassVar[int]
    chunk: bytes
    def __init__(self, chunk: _Optional[bytes] = ...) -> None: ...

class ValidationConditionsRequest(_message.Message):
    __slots__ = ("device",)
    DEVICE_FIELD_NUMBER: _ClassVar[int]
    device: str
    def __init__(self, device: _Optional[str] = ...) -> None: ...

class ValidationConditionsResponse(_message.Message):
    __slots__ = ("conditions",)
    CONDITIONS_FIELD_NUMBER: _ClassVar[int]
    conditions: Conditions
    def __init__(self, conditions: _Optional[_Union[Conditions, _Mapping]] = ...) -> None: ...

class Conditions(_message.Message):
    __slots__ = ("date", "device", "python", "versions", "environment")
    DATE_FIELD_NUMBER: _ClassVar[int]
    DEVICE_FIELD_NUMBER: _ClassVar[int]
    PYTHON_FIELD_NUMBER: _ClassVar[int]
    VERSIONS_FIELD_NUMBER: _ClassVar[int]
    ENVIRONMENT_FIELD_NUMBER: _ClassVar[int]
    date: str
    device: str
    python: str
    versions: _containers.RepeatedCompositeFieldContainer[NamedText]
    environment: _containers.RepeatedCompositeFieldContainer[NamedText]
    def __init__(self, date: _Optional[str] = ..., device: _Optional[str] = ..., python: _Optional[str] = ..., versions: _Optional[_Iterable[_Union[NamedText, _Mapping]]] = ..., environment: _Optional[_Iterable[_Union[NamedText, _Mapping]]] = ...) -> None: ...

class ValidateNetworksRequest(_message.Message):
    __slots__ = ("names", "device", "checks", "jobs", "time_limit_seconds")
    NAMES_FIELD_NUMBER: _ClassVar[int]
    DEVICE_FIELD_NUMBER: _ClassVar[int]
    CHECKS_FIELD_NUMBER: _ClassVar[int]
    JOBS_FIELD_NUMBER: _ClassVar[int]
    TIME_LIMIT_SECONDS_FIELD_NUMBER: _ClassVar[int]
    names: _containers.RepeatedScalarFieldContainer[str]
    device: str
    checks: _containers.RepeatedScalarFieldContainer[Check]
    jobs: int
    time_limit_seconds: float
    def __init__(self, names: _Optional[_Iterable[str]] = ..., device: _Optional[str] = ..., checks: _Optional[_Iterable[_Union[Check, str]]] = ..., jobs: _Optional[int] = ..., time_limit_seconds: _Optional[float] = ...) -> None: ...

class ValidateNetworksResponse(_message.Message):
    __slots__ = ("verdict",)
    VERDICT_FIELD_NUMBER: _ClassVar[int]
    verdict: Verdict
    def __init__(self, verdict: _Optional[_Union[Verdict, _Mapping]] = ...) -> None: ...

class Verdict(_message.Message):
    __slots__ = ("name", "outcomes")
    NAME_FIELD_NUMBER: _ClassVar[int]
    OUTCOMES_FIELD_NUMBER: _ClassVar[int]
    name: str
    outcomes: _containers.RepeatedCompositeFieldContainer[Outcome]
    def __init__(self, name: _Optional[str] = ..., outcomes: _Optional[_Iterable[_Union[Outcome, _Mapping]]] = ...) -> None: ...

class Outcome(_message.Message):
    __slots__ = ("check", "status", "against", "compared", "differences", "figures", "note")
    CHECK_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    AGAINST_FIELD_NUMBER: _ClassVar[int]
    COMPARED_FIELD_NUMBER: _ClassVar[int]
    DIFFERENCES_FIELD_NUMBER: _ClassVar[int]
    FIGURES_FIELD_NUMBER: _ClassVar[int]
    NOTE_FIELD_NUMBER: _ClassVar[int]
    check: str
    status: OutcomeStatus
    against: str
    compared: int
    differences: _containers.RepeatedScalarFieldContainer[str]
    figures: _containers.RepeatedCompositeFieldContainer[NamedValue]
    note: str
    def __init__(self, check: _Optional[str] = ..., status: _Optional[_Union[OutcomeStatus, str]] = ..., against: _Optional[str] = ..., compared: _Optional[int] = ..., differences: _Optional[_Iterable[str]] = ..., figures: _Optional[_Iterable[_Union[NamedValue, _Mapping]]] = ..., note: _Optional[str] = ...) -> None: ...

class ValidateRandomNetworksRequest(_message.Message):
    __slots__ = ("count", "seed")
    COUNT_FIELD_NUMBER: _ClassVar[int]
    SEED_FIELD_NUMBER: _ClassVar[int]
    count: int
    seed: int
    def __init__(self, count: _Optional[int] = ..., seed: _Optional[int] = ...) -> None: ...

class ValidateRandomNetworksResponse(_message.Message):
    __slots__ = ("drawn",)
    DRAWN_FIELD_NUMBER: _ClassVar[int]
    drawn: Drawn
    def __init__(self, drawn: _Optional[_Union[Drawn, _Mapping]] = ...) -> None: ...

class Drawn(_message.Message):
    __slots__ = ("seed", "ops", "outcomes")
    SEED_FIELD_NUMBER: _ClassVar[int]
    OPS_FIELD_NUMBER: _ClassVar[int]
    OUTCOMES_FIELD_NUMBER: _ClassVar[int]
    seed: int
    ops: _containers.RepeatedScalarFieldContainer[str]
    outcomes: _containers.RepeatedCompositeFieldContainer[Outcome]
    def __init__(self, seed: _Optional[int] = ..., ops: _Optional[_Iterable[str]] = ..., outcomes: _Optional[_Iterable[_Union[Outcome, _Mapping]]] = ...) -> None: ...

class NearestNames(_message.Message):
    __slots__ = ("names",)
    NAMES_FIELD_NUMBER: _ClassVar[int]
    names: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, names: _Optional[_Iterable[str]] = ...) -> None: ...
